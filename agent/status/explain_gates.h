/* The gates of `explain`, each in one row: to add one is to add its row here and its question beside those of its kind. */
#ifndef AGENT_STATUS_EXPLAIN_GATES_H
#define AGENT_STATUS_EXPLAIN_GATES_H

/* GATE(enumerator, question, name, what is so while it stands open, who can open it and how), in the order in which they are
 * asked: the first that is shut decides. What would have to change first comes first. While the way to the server is shut nobody
 * knows what is new, whatever the kept catalog says; a gate that opens by itself at its hour goes behind those that do not. A
 * refused release is in quarantine too; that it was refused says more.
 * The question is the function explain_ask_QUESTION(); the name stands in the answers of the agent; the last two are for staff, in
 * English, and have their Japanese in po/ja.po. */
/* clang-format off */
#define EXPLAIN_EACH_GATE(GATE) \
	GATE(DISABLED, disabled, "disabled", N_("delivery is enabled"),	\
		N_("'haishin enable' resumes delivery.")) \
	GATE(HELD, held, "held", N_("not held"),	\
		N_("'haishin unhold' and the package's name lets it come.")) \
	GATE(RESTART, restart, "restart", N_("no restart is due"),	\
		N_("Restart this terminal.")) \
	GATE(TRIAL, trial, "trial", N_("the last update is confirmed"),	\
		N_("Nothing to do; haishin checks the last update by itself.")) \
	GATE(MACHINE, machine, "machine", N_("the terminal itself is in order"),	\
		N_("'haishin doctor' says what it is, and what to do.")) \
	GATE(CLOCK, clock, "clock", N_("the clock is right"),	\
		N_("Set the date and the time, then run 'haishin check'.")) \
	GATE(CERTIFICATE, certificate, "certificate", N_("the client certificate is valid"),	\
		N_("Install a valid client certificate, then run 'haishin check'.")) \
	GATE(NETWORK, network, "network", N_("the server was reached"),	\
		N_("'haishin doctor' says where the way to the server ends.")) \
	GATE(SIGNATURE, signature, "signature", N_("signed as it must be"),	\
		N_("Nothing to do here; the operator of the server and the vendor have to look into it.")) \
	GATE(LAST_TRY, last_try, "last-try", N_("the last try went well"),	\
		N_("haishin tries again by itself; 'haishin download-now' tries at once.")) \
	GATE(CATALOG, catalog, "catalog", N_("named by the catalog"),	\
		N_("Whoever set up this terminal checks the package's name in the settings; if it is right, the operator of the server has to name it.")) \
	GATE(NEWER, newer, "newer", N_("there is a newer version"),	\
		N_("Nothing to do.")) \
	GATE(QUARANTINE, quarantine, "quarantine", N_("not quarantined"),	\
		N_("It comes back by itself when there is another version. What somebody here took back, 'haishin release' and the package's name lets come again.")) \
	GATE(ROLLOUT, rollout, "rollout", N_("its turn in the rollout has come"),	\
		N_("Nothing to do; the operator of the server decides when its turn comes.")) \
	GATE(BRAKE, brake, "brake", N_("the rollout may go on"),	\
		N_("Nothing to do; the operator of the server watches over it and decides.")) \
	GATE(REQUIRES, requires, "requires", N_("what it requires is there"),	\
		N_("Nothing to do here; it comes once the operator of the server has published what it requires.")) \
	GATE(CAMPAIGN, campaign, "campaign", N_("within the campaign"),	\
		N_("It comes in its delivery period; 'haishin download-now' brings it at once.")) \
	GATE(SPACE, space, "space", N_("enough disk space"),	\
		N_("Remove files that are not needed, then run 'haishin download-now'.")) \
	GATE(WINDOW, window, "window", N_("within the window"),	\
		N_("It comes in the next window, if the terminal is left on; 'haishin download-now' brings it at once.")) \
	GATE(TURN, turn, "turn", N_("its turn in the window has come"),	\
		N_("It comes at its turn, if the terminal is left on; 'haishin download-now' brings it at once."))
/* clang-format on */

enum explain_gate {
#define EXPLAIN_ENUMERATOR(enumerator, question, name, open, who) EXPLAIN_##enumerator,
	EXPLAIN_EACH_GATE(EXPLAIN_ENUMERATOR)
#undef EXPLAIN_ENUMERATOR
		EXPLAIN_GATES
};

#endif
