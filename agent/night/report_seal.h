/* A report as it leaves: form 2, which the terminal signs whole and its client certificate vouches for (docs/reports.md). */
#ifndef AGENT_NIGHT_REPORT_SEAL_H
#define AGENT_NIGHT_REPORT_SEAL_H

#include "agent/base/terminal.h"
#include "common/json.h"

/* Makes a report of form 2 out of one of form 1. Where the terminal has no client certificate to show, it stays form 1. */
WARN_UNUSED int report_seal(struct terminal *terminal, json_t *report, struct error *err);

#endif
