/* Delivery certificates (docs/delivery-certificate.md): what a third party needs, years later and without a network, to see that a
 * terminal ran a release. Made of what was kept; whoever gets one believes none of it before they have checked it. */
#ifndef COLLECTOR_LEDGER_DELIVERY_CERTIFICATE_H
#define COLLECTOR_LEDGER_DELIVERY_CERTIFICATE_H

#include "collector/config/config.h"
#include "collector/store/database.h"
#include "common/json.h"

#define DELIVERY_CERTIFICATE_FORM "haishin-delivery-certificate-1"
#define DELIVERY_CERTIFICATE_MOST (32u << 20)

struct delivery_certificate_wish {
	const char *terminal; /* id of its own key */
	const char *package, *version;
};

/* ERROR_USAGE where the wish is none; ERROR_NOT_FOUND says what is missing: the terminal, a report of form 2 that says
 * `confirmed`, its proof, or the repository's metadata of then. */
WARN_UNUSED int delivery_certificate_make(const struct config *config, struct database *database,
	const struct delivery_certificate_wish *wish, json_t **ret_certificate, struct error *err);

#endif
