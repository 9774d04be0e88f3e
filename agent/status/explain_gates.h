/* The gates of `explain`, each in one row: to add one is to add its row here and its question beside those of its kind. */
#ifndef AGENT_STATUS_EXPLAIN_GATES_H
#define AGENT_STATUS_EXPLAIN_GATES_H

/* GATE(enumerator, question, name, what is so while it stands open), in the order in which they are asked: the first that is
 * shut decides. What would have to change first comes first. While the way to the server is shut nobody knows what is new,
 * whatever the kept catalog says; a gate that opens by itself at its hour goes behind those that do not. A refused release is
 * in quarantine too; that it was refused says more.
 * The question is the function explain_ask_QUESTION(); the name stands in the answers of the agent; the last is for staff, in
 * English, and has its Japanese in po/ja.po. */
#define EXPLAIN_EACH_GATE(GATE)                                                                                      \
	GATE(DISABLED, disabled, "disabled", N_("delivery is enabled"))                                              \
	GATE(HELD, held, "held", N_("not held"))                                                                     \
	GATE(RESTART, restart, "restart", N_("no restart is due"))                                                   \
	GATE(TRIAL, trial, "trial", N_("the last update is confirmed"))                                              \
	GATE(CLOCK, clock, "clock", N_("the clock is right"))                                                        \
	GATE(CERTIFICATE, certificate, "certificate", N_("the client certificate is valid"))                         \
	GATE(NETWORK, network, "network", N_("the server was reached"))                                              \
	GATE(SIGNATURE, signature, "signature", N_("signed as it must be"))                                          \
	GATE(LAST_TRY, last_try, "last-try", N_("the last try went well"))                                           \
	GATE(CATALOG, catalog, "catalog", N_("named by the catalog"))                                                \
	GATE(NEWER, newer, "newer", N_("there is a newer version"))                                                  \
	GATE(QUARANTINE, quarantine, "quarantine", N_("not quarantined"))                                            \
	GATE(ROLLOUT, rollout, "rollout", N_("its turn in the rollout has come"))                                    \
	GATE(REQUIRES, requires, "requires", N_("what it requires is there"))                                        \
	GATE(CAMPAIGN, campaign, "campaign", N_("within the campaign"))                                              \
	GATE(SPACE, space, "space", N_("enough disk space"))                                                         \
	GATE(WINDOW, window, "window", N_("within the window"))                                                      \
	GATE(TURN, turn, "turn", N_("its turn in the window has come"))

enum explain_gate {
#define EXPLAIN_ENUMERATOR(enumerator, question, name, open) EXPLAIN_##enumerator,
	EXPLAIN_EACH_GATE(EXPLAIN_ENUMERATOR)
#undef EXPLAIN_ENUMERATOR
		EXPLAIN_GATES
};

#endif
