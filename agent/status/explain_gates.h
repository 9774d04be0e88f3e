/* The gates of `explain`, each in one row: to add one is to add its row here and its question beside those of its kind:
 * explain_staff.c what staff did or have to do, and the machine; explain_server.c clock, certificate and server; explain_catalog.c what is
 * offered, and the room for it; explain_time.c campaign, window and turn. What a question is asked about is in explain_question.h, what
 * it may read and how it answers in explain_answer.h. Explain only tells: what keeps a package out is agent/choice/wanted_choose.c. */
#ifndef AGENT_STATUS_EXPLAIN_GATES_H
#define AGENT_STATUS_EXPLAIN_GATES_H

/* Where files of the current release are damaged it comes again, whatever keeps a newer one out. */
enum explain_repair { REPAIR_WAITS, REPAIR_PASSES };

/* What `haishin status` says of a gate that is shut: its verdict says enough; or, where neither tonight nor the button opens the gate, a
 * line of each package that waits there. */
enum explain_telling { TOLD_BY_VERDICT, TOLD_OF_PACKAGE };

/* GATE(enumerator, question, name, what a repair does there, what status says, what is so while it stands open, who can open it and
 * how), in the order in which they are asked: the first that is shut decides. What would have to change first comes first. While the way to
 * the server is shut nobody knows what is new, whatever the kept catalog says; a gate that opens by itself at its hour goes behind those
 * that do not. A refused release is in quarantine too; that it was refused says more.
 * The question is the function explain_ask_QUESTION(); the name stands in the answers of the agent; the last two are for staff, in
 * English, and have their Japanese in po/ja.po. */
/* clang-format off */
#define EXPLAIN_EACH_GATE(GATE) \
	GATE(DISABLED, disabled, "disabled", REPAIR_WAITS, TOLD_BY_VERDICT, N_("delivery is enabled"),	\
		N_("'haishin enable' resumes delivery.")) \
	GATE(HELD, held, "held", REPAIR_PASSES, TOLD_BY_VERDICT, N_("not held"),	\
		N_("'haishin unhold' and the package's name lets it come.")) \
	GATE(RESTART, restart, "restart", REPAIR_WAITS, TOLD_BY_VERDICT, N_("no restart is due"),	\
		N_("Restart this terminal.")) \
	GATE(TRIAL, trial, "trial", REPAIR_WAITS, TOLD_BY_VERDICT, N_("the last update is confirmed"),	\
		N_("Nothing to do; haishin checks the last update by itself.")) \
	GATE(MACHINE, machine, "machine", REPAIR_WAITS, TOLD_BY_VERDICT, N_("the terminal itself is in order"),	\
		N_("'haishin doctor' says what it is, and what to do.")) \
	GATE(CLOCK, clock, "clock", REPAIR_WAITS, TOLD_BY_VERDICT, N_("the clock is right"),	\
		N_("Set the date and the time, then run 'haishin check'.")) \
	GATE(CERTIFICATE, certificate, "certificate", REPAIR_WAITS, TOLD_BY_VERDICT, N_("the client certificate is valid"),	\
		N_("Install a valid client certificate, then run 'haishin check'.")) \
	GATE(NETWORK, network, "network", REPAIR_WAITS, TOLD_BY_VERDICT, N_("the server was reached"),	\
		N_("'haishin doctor' says where the way to the server ends.")) \
	GATE(SIGNATURE, signature, "signature", REPAIR_WAITS, TOLD_BY_VERDICT, N_("signed as it must be"),	\
		N_("Nothing to do here; the operator of the server and the vendor have to look into it.")) \
	GATE(LAST_TRY, last_try, "last-try", REPAIR_WAITS, TOLD_BY_VERDICT, N_("the last try went well"),	\
		N_("haishin tries again by itself; 'haishin download-now' tries at once.")) \
	GATE(CATALOG, catalog, "catalog", REPAIR_PASSES, TOLD_OF_PACKAGE, N_("named by the catalog"),	\
		N_("Whoever set up this terminal checks the package's name in the settings; if it is right, the operator of the server has to name it.")) \
	GATE(NEWER, newer, "newer", REPAIR_PASSES, TOLD_BY_VERDICT, N_("there is a newer version"),	\
		N_("Nothing to do.")) \
	GATE(QUARANTINE, quarantine, "quarantine", REPAIR_PASSES, TOLD_OF_PACKAGE, N_("not quarantined"),	\
		N_("It comes back by itself when there is another version. What somebody here took back, 'haishin release' and the package's name lets come again.")) \
	GATE(ROLLOUT, rollout, "rollout", REPAIR_PASSES, TOLD_OF_PACKAGE, N_("its turn in the rollout has come"),	\
		N_("Nothing to do; the operator of the server decides when its turn comes.")) \
	GATE(BRAKE, brake, "brake", REPAIR_PASSES, TOLD_OF_PACKAGE, N_("the rollout may go on"),	\
		N_("Nothing to do; the operator of the server watches over it and decides.")) \
	GATE(REQUIRES, requires, "requires", REPAIR_PASSES, TOLD_OF_PACKAGE, N_("what it requires is there"),	\
		N_("It comes with what it requires; 'haishin explain' and the name of that package says what keeps it away.")) \
	GATE(CAMPAIGN, campaign, "campaign", REPAIR_PASSES, TOLD_BY_VERDICT, N_("within the campaign"),	\
		N_("It comes in its delivery period; 'haishin download-now' brings it at once.")) \
	GATE(SPACE, space, "space", REPAIR_WAITS, TOLD_BY_VERDICT, N_("enough disk space"),	\
		N_("Remove files that are not needed, then run 'haishin download-now'.")) \
	GATE(WINDOW, window, "window", REPAIR_WAITS, TOLD_BY_VERDICT, N_("within the window"),	\
		N_("It comes in the next window, if the terminal is left on; 'haishin download-now' brings it at once.")) \
	GATE(TURN, turn, "turn", REPAIR_WAITS, TOLD_BY_VERDICT, N_("its turn in the window has come"),	\
		N_("It comes at its turn, if the terminal is left on; 'haishin download-now' brings it at once."))
/* clang-format on */

enum explain_gate {
#define EXPLAIN_ENUMERATOR(enumerator, question, name, repair, telling, open, who) EXPLAIN_##enumerator,
	EXPLAIN_EACH_GATE(EXPLAIN_ENUMERATOR)
#undef EXPLAIN_ENUMERATOR
		EXPLAIN_GATES
};

#endif
