/* Ed25519 signatures, checked by libsodium: a collector is sent thousands of reports a second, and half of the time that
 * each takes would be libcrypto's with this one check, which libsodium does in less than half of it. What libsodium takes
 * libcrypto takes too; it takes fewer misshapen keys. */
#ifndef COLLECTOR_REPORTS_ED25519_H
#define COLLECTOR_REPORTS_ED25519_H

#include "common/error.h"

/* From now on keys of this process verify so. Called once, before there is a second thread. */
WARN_UNUSED int ed25519_begin(struct error *err);

#endif
