/* Who the terminals of a simulated fleet are: each has a key of its own, and a client certificate that an authority on this machine
 * issues. Both come of the fleet's seed and the terminal's number, so that the same terminals come again the next night. */
#ifndef TOOLS_FLEET_CROWD_H
#define TOOLS_FLEET_CROWD_H

#include <stdint.h>

#include "common/buf.h"
#include "common/error.h"
#include "manifests/keys/signer.h"

struct crowd;

/* CERTIFICATE_FILE and KEY_FILE are the authority's, PEM. ERROR_INPUT where they are none. */
WARN_UNUSED int crowd_open(const char *certificate_file, const char *key_file, uint64_t seed, int64_t now_s,
	struct crowd **ret_crowd, struct error *err);
void crowd_close(struct crowd *crowd);
DEFINE_AUTO_PTR(crowd, struct crowd, crowd_close);

struct crowd_terminal {
	struct signer *signer;	     /* its own key */
	struct buf certificate, key; /* of the client certificate, PEM */
	char name[16];		     /* its institution's code, ten digits */
};

/* May be called from several threads. ENDS_SOON: its client certificate ends within two days. */
WARN_UNUSED int crowd_make(const struct crowd *crowd, uint32_t number, bool ends_soon,
	struct crowd_terminal *ret_terminal, struct error *err);
void crowd_terminal_clear(struct crowd_terminal *terminal);
DEFINE_AUTO(crowd_terminal, struct crowd_terminal, crowd_terminal_clear);

#endif
