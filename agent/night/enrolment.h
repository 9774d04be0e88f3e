/* This terminal's certificate: the first one for a one-time code, and those that follow, by EST. The key is made here and never
 * leaves. */
#ifndef AGENT_NIGHT_ENROLMENT_H
#define AGENT_NIGHT_ENROLMENT_H

#include "agent/base/terminal.h"
#include "agent/server/connection.h"

/* From so many days before its end on a certificate is renewed. */
#define ENROLMENT_RENEW_DAYS 60

/* Gets the certificate that was asked for (enrolment_wish_keep); the server is remembered for renewals. ERROR_ENROLMENT where the
 * code is none; else as the transport. STOP_FD as in http_options. */
WARN_UNUSED int enrolment_run(struct terminal *terminal, int stop_fd, struct error *err);

/* Renews the certificate that CONNECTION shows where its end is near and an EST server is known. What fails is logged, and
 * kept for status and report. */
void enrolment_renew(struct terminal *terminal, const struct connection *connection);

#endif
