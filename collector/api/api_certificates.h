/* Certificates that were issued here, and those that were shown. */
#ifndef COLLECTOR_API_API_CERTIFICATES_H
#define COLLECTOR_API_API_CERTIFICATES_H

#include "collector/api/api_context.h"

void api_certificates_list(struct api *api, struct database *database, struct exchange *exchange);
/* One of the list, as JSON. */
json_t *api_certificates_json(const struct roster_entry *entry);
/* The list of those that are revoked, for whoever refuses them elsewhere. */
void api_certificates_revoked(struct api *api, struct exchange *exchange);

#endif
