/* Reports to the server: what this terminal runs, what became of deliveries and of windows, and the head of its
 * history. Nothing personal. docs/reports.md describes the JSON.
 *
 * A report tells all since the last one that the server took, so that one which cannot be sent loses nothing: the next
 * contact sends a report that tells it too. */
#ifndef AGENT_NIGHT_REPORT_SEND_H
#define AGENT_NIGHT_REPORT_SEND_H

#include "agent/base/terminal.h"
#include "common/transport.h"

/* Makes a report of now and sends it over TRANSPORT, that of a contact past mirrors and limits, where [server]
 * report_url says so. What goes wrong is recorded and logged, and is nobody else's business. Whether nobody waits for it any more: it was
 * taken, or is not to be sent at all. */
bool report_send(struct terminal *terminal, struct transport *transport);

#endif
