/* What a terminal of a simulated fleet says in a night, and whether it says anything at all. */
#ifndef TOOLS_FLEET_SAYING_H
#define TOOLS_FLEET_SAYING_H

#include <stdbool.h>
#include <stdint.h>

#include "common/buf.h"
#include "tools/fleet/crowd.h"

/* Why terminals fall silent, as the collector names it (docs/collector.md), and what they say before: NAME, the reason of the verdict,
 * a problem or "", what became of the last window, the state of a package. */
/* clang-format off */
#define EACH_SAYING_CAUSE(CAUSE) \
	CAUSE(DISABLED, "disabled", "disabled", "", "disabled", "current") \
	CAUSE(CERTIFICATE, "certificate", "certificate-ends", "certificate-ends", "contacted", "current") \
	CAUSE(NOT_RUNNING, "not-running", "not-running", "", "not-running", "current") \
	CAUSE(SERVER_UNTRUSTED, "server-untrusted", "server-untrusted", "server-untrusted", "server", "current") \
	CAUSE(CLOCK, "clock", "clock", "clock", "clock", "current") \
	CAUSE(NO_SPACE, "no-space", "no-space", "no-space", "contacted", "waiting") \
	CAUSE(ACTIVATED, "activated", "staged", "", "contacted", "staged") \
	CAUSE(OFF, "off", "off", "", "off", "current") \
	CAUSE(NETWORK, "network", "no-contact", "no-contact", "network", "current") \
	CAUSE(SERVER, "server", "all-current", "", "server", "current") \
	CAUSE(ROLLED_BACK, "rolled-back", "rolled-back", "rolled-back", "contacted", "rolled-back") \
	CAUSE(UNKNOWN, "unknown", "all-current", "", "contacted", "current")
/* clang-format on */

enum saying_cause {
#define SAYING_ENUMERATOR(enumerator, name, reason, problem, outcome, state) SAYING_##enumerator,
	EACH_SAYING_CAUSE(SAYING_ENUMERATOR)
#undef SAYING_ENUMERATOR
		SAYING_CAUSES
};
const char *saying_cause_name(enum saying_cause cause);

/* Of a thousand terminals. */
struct saying_options {
	uint64_t seed;
	uint32_t silent;     /* fall silent after the first night, each cause alike */
	uint32_t clones;     /* have a twin with the same key, which has another history */
	uint32_t damaged;    /* send something that is no report before their report */
	uint32_t hostile;    /* say words that would hurt a careless page */
	uint32_t taken_back; /* of those that got the new release, have taken it back */
};

struct saying_fate {
	bool is_silent;
	enum saying_cause cause; /* of the silence to come */
	bool has_twin, is_damaged, is_hostile, took_back;
};
/* The same for the same seed and terminal. */
void saying_fate_of(const struct saying_options *options, uint32_t number, struct saying_fate *ret_fate);

/* The report (form 2) of a night, from 1; as of NOW_S. IS_TWIN: by the machine that was cloned from it. */
WARN_UNUSED int saying_report(const struct crowd_terminal *terminal, const struct saying_fate *fate, int64_t night,
	int64_t now_s, bool is_twin, struct buf *ret_report, struct error *err);
/* Something that is no report, of many kinds. */
WARN_UNUSED int saying_damage(uint32_t number, const struct buf *report, struct buf *ret_body, struct error *err);

#endif
