/* Enrolment over Secure Transport (RFC 7030): a terminal's first certificate, for a one-time code, and those that follow. */
#ifndef COLLECTOR_API_API_EST_H
#define COLLECTOR_API_API_EST_H

#include "collector/api/api_context.h"

/* Where all of it lies. */
#define API_EST_PATH "/.well-known/est/"

/* True for what those ask who have no certificate yet. */
bool api_est_is_for_anybody(const char *path);

void api_est_authorities(struct api *api, struct exchange *exchange);
/* For whoever shows a code, as the password of HTTP's Basic authentication. */
void api_est_enrol(struct api *api, struct database *database, struct exchange *exchange);
/* For whoever shows a certificate of ours. */
void api_est_renew(struct api *api, struct database *database, struct exchange *exchange);

#endif
