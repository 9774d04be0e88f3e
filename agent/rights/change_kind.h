/* The kinds of changes that callers ask for: what polkit decides about, one action each. */
#ifndef AGENT_RIGHTS_CHANGE_KIND_H
#define AGENT_RIGHTS_CHANGE_KIND_H

#include "common/error.h"

#define CHANGE_ACTION_PREFIX "jp.haishin.agent."

/* CHANGE(enumerator, name): the action is CHANGE_ACTION_PREFIX with the name. Each stands in packaging/polkit/jp.haishin.agent.policy. */
/* clang-format off */
#define EACH_CHANGE_KIND(CHANGE) \
	CHANGE(LOOK, "look") /* asks the server what is new, reads the files of packages */                     \
	CHANGE(DOWNLOAD, "download") /* download now */                                                         \
	CHANGE(PAUSE, "pause") /* delivery disabled, enabled; a package held, let go */                         \
	CHANGE(RESTART, "restart") /* of the terminal, now or tonight */                                        \
	CHANGE(SETTINGS, "settings") /* those that the operator's file leaves to staff */                       \
	CHANGE(ROLLBACK, "rollback") /* a release taken back, its quarantine ended */                           \
	CHANGE(INSTALL, "install") /* from a folder */                                                          \
	CHANGE(ENVIRONMENT, "environment") /* another one connected to */                                       \
	CHANGE(ENROL, "enrol") /* a certificate for this terminal */
/* clang-format on */

enum change_kind {
	CHANGE_NONE, /* whoever may connect may do it */
#define CHANGE_ENUMERATOR(enumerator, name) CHANGE_##enumerator,
	EACH_CHANGE_KIND(CHANGE_ENUMERATOR)
#undef CHANGE_ENUMERATOR
};

/* polkit's name of it, such as "jp.haishin.agent.download"; not for CHANGE_NONE. */
const char *change_kind_action(enum change_kind kind);

#endif
