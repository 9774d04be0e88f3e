/* The distribution server as one job sees it: the trust refreshed from it, the catalog and the releases that trust
 * vouches for. */
#ifndef AGENT_SERVER_DISTRIBUTION_H
#define AGENT_SERVER_DISTRIBUTION_H

#include "agent/base/terminal.h"
#include "agent/server/connection.h"
#include "manifests/catalog/catalog.h"
#include "manifests/release/release.h"
#include "manifests/tuf/tuf_client.h"

struct distribution {
	struct terminal *terminal; /* borrowed */
	struct connection connection;
	struct env env; /* the terminal's, with the connection's transport */
	char *metadata_url;
	char *targets_url;
	struct tuf_client *trust;
	struct catalog *catalog; /* NULL before distribution_refresh */
};

/* As connection_open(): no contact yet. */
WARN_UNUSED int distribution_open(struct terminal *terminal, const struct connection_options *options,
	struct distribution *ret_distribution, struct error *err);
void distribution_close(struct distribution *distribution);
DEFINE_AUTO(distribution, struct distribution, distribution_close);

/* What the server that was asked last gave was wrong, as WHY says: recorded, and the next one is asked from now on.
 * False where none is left. */
bool distribution_pass_over(struct distribution *distribution, const struct error *why);

/* Refreshes trust and reads the catalog; the catalog's verified bytes are kept in the state folder, so that its
 * campaigns hold while there is no contact. A server whose answer is refused is passed over where there are others.
 */
WARN_UNUSED int distribution_refresh(struct distribution *distribution, struct error *err);

/* The version of the repository that is trusted now, which grows with everything that is published. */
int64_t distribution_metadata_version(const struct distribution *distribution);
/* The server would not give a release of PACKAGE, DIGEST being the one that the catalog names: not before there is
 * another version. */
WARN_UNUSED int distribution_postpone(struct distribution *distribution, const char *package, const char *digest,
	const struct error *why, struct error *err);

/* Nothing came of a file that PACKAGE needs, as WHY says. Where the server failed at it alone, or nothing came of it before while it
 * gave the rest, the fault is the file's: WHY becomes ERROR_SERVER, and other packages are tried. NEEDED says
 * which release it is, without blanks. */
WARN_UNUSED int distribution_blame(struct distribution *distribution, const char *package, const char *needed,
	struct error *why, struct error *err);

/* The catalog kept by the last refresh. ERROR_NOT_FOUND before the first. */
WARN_UNUSED int distribution_kept_catalog(struct terminal *terminal, struct catalog **ret_catalog, struct error *err);

/* A release that trust vouches for, and what is known of it. */
struct offer {
	struct release *release;
	struct buf json;	      /* its verified bytes */
	char digest[SHA256_HEX_SIZE]; /* of those bytes: the release's identity */
	char folder[PACKAGE_FOLDER_SIZE];
	char *payload_url;
};
void offer_clear(struct offer *offer);
DEFINE_AUTO(offer, struct offer, offer_clear);

/* The digest by which trust knows the release, without fetching it: for quarantine and for what is there already. */
WARN_UNUSED int distribution_digest(struct distribution *distribution, const char *release_target,
	char ret_digest[static SHA256_HEX_SIZE], struct error *err);

/* Fetches and reads a release. ERROR_REFUSED where its metadata, its own words, and what was asked for differ;
 * ERROR_ALTERED where no server gives the bytes that were signed. */
WARN_UNUSED int distribution_offer(struct distribution *distribution, const char *package, const char *version,
	const char *release_target, struct offer *ret_offer, struct error *err);

/* The delta that leads from FROM_VERSION to the release, where the release's own vendor signed one: RET_URL is NULL
 * where there is none, else the caller's to free. */
WARN_UNUSED int distribution_delta(struct distribution *distribution, const struct release *release,
	const char *from_version, char **ret_url, uint64_t *ret_length, struct sha256 *ret_sha256, struct error *err);

#endif
