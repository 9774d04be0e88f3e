/* What the history tells of: each operation in one row. */
#ifndef AGENT_STORE_HISTORY_OPERATIONS_H
#define AGENT_STORE_HISTORY_OPERATIONS_H

/* OPERATION(name, tells why, word). The name stands in the rows; where it tells why, its detail is shown to staff even if all went
 * well; the word is theirs, in English, and has its Japanese in po/ja.po. A row of another operation cannot be added. */
/* clang-format off */
#define EACH_HISTORY_OPERATION(OPERATION) \
	OPERATION("check", false, N_("check"))                      \
	OPERATION("plan", false, N_("plan"))                        \
	OPERATION("fetch", false, N_("download"))                   \
	OPERATION("stage", false, N_("make ready"))                 \
	OPERATION("notes", true, N_("what is new"))                 \
	OPERATION("activate", false, N_("switch over"))             \
	OPERATION("confirm", false, N_("confirm"))                  \
	OPERATION("roll-back", true, N_("roll back"))               \
	OPERATION("rollout", true, N_("introduction step by step"))  \
	OPERATION("quarantine", true, N_("quarantine"))             \
	OPERATION("quarantine-end", false, N_("end of quarantine")) \
	OPERATION("disable", true, N_("disable"))                   \
	OPERATION("enable", false, N_("enable"))                    \
	OPERATION("hold", true, N_("hold"))                         \
	OPERATION("let-go", false, N_("unhold"))                    \
	OPERATION("download-now", false, N_("download now"))        \
	OPERATION("install", true, N_("installation by hand"))      \
	OPERATION("health-check", false, N_("health check"))        \
	OPERATION("reject", false, N_("reject"))                    \
	OPERATION("pass-over", false, N_("ask another server"))     \
	OPERATION("give-up", false, N_("give up"))                  \
	OPERATION("adopt", false, N_("found on disk"))              \
	OPERATION("repair", false, N_("repair"))                    \
	OPERATION("restart", false, N_("restart"))                  \
	OPERATION("power", true, N_("power on and off"))            \
	OPERATION("store-rebuilt", true, N_("new records"))         \
	OPERATION("window", false, N_("window missed"))             \
	OPERATION("clock", true, N_("clock set"))                   \
	OPERATION("archive", false, N_("archive"))                  \
	OPERATION("chapter", false, N_("new chapter"))              \
	OPERATION("key", true, N_("new key"))                       \
	OPERATION("environment", false, N_("switch environment"))   \
	OPERATION("setting", true, N_("change a setting"))          \
	OPERATION("archive-drop", false, N_("archive removed"))     \
	OPERATION("verify", false, N_("look at files"))             \
	OPERATION("receipt", false, N_("receipt of the ledger"))     \
	OPERATION("certificate", true, N_("client certificate"))
/* clang-format on */

#endif
