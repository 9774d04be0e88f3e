/* The verbs of `haishin`, each in a file of its own or with its like. */
#ifndef TOOLS_HAISHIN_VERBS_VERBS_H
#define TOOLS_HAISHIN_VERBS_VERBS_H

#include "tools/haishin/ask/cli.h"

/* In the order of the help. */
#define EACH_VERB(VERB)                                                                                              \
	VERB(status)                                                                                                 \
	VERB(check)                                                                                                  \
	VERB(download_now)                                                                                           \
	VERB(enrol)                                                                                                  \
	VERB(install)                                                                                                \
	VERB(history)                                                                                                \
	VERB(enable)                                                                                                 \
	VERB(disable)                                                                                                \
	VERB(hold)                                                                                                   \
	VERB(unhold)                                                                                                 \
	VERB(rollback)                                                                                               \
	VERB(release)                                                                                                \
	VERB(explain)                                                                                                \
	VERB(doctor)                                                                                                 \
	VERB(code)                                                                                                   \
	VERB(verify)                                                                                                 \
	VERB(notes)                                                                                                  \
	VERB(report)                                                                                                 \
	VERB(env)                                                                                                    \
	VERB(settings)                                                                                               \
	VERB(version)

#define VERB_DECLARATION(name) extern const struct verb verb_##name;
EACH_VERB(VERB_DECLARATION)
#undef VERB_DECLARATION

#endif
