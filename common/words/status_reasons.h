/* Why a terminal's verdict is what it is: each reason in one row. Each belongs to one verdict; those that need attention stand in the order
 * in which they are to be dealt with: what keeps help away comes before what needs it. */
#ifndef COMMON_WORDS_STATUS_REASONS_H
#define COMMON_WORDS_STATUS_REASONS_H

#include "common/words/machine_faults.h"

/* REASON(enumerator, name, number, what is the case, what to do next). In front of each: the verdict it leads to. The name stands in
 * the answers of the agent; the texts are for staff, in English, and have their Japanese in po/ja.po. The number stands for the reason
 * in codes that staff read out (docs/support-code.md), for good, and is at most 63, where 31 is nobody's: a new row takes the highest that
 * is taken, here or in machine_faults.h, and one more; the compiler refuses one that is taken. */
/* clang-format off */
#define EACH_STATUS_REASON(REASON) \
	/* up to date */                                                                                                \
	REASON(ALL_CURRENT, "all-current", 0,                                                                           \
		N_("All packages are at their newest version."),                                                        \
		N_("Nothing to do."))                                                                                   \
	/* up to date: a newer release is being rolled out, and others go first */                                      \
	REASON(NOT_ITS_TURN, "not-its-turn", 22,                                                                        \
		N_("A newer version is being introduced step by step; the turn of this terminal has not come."),        \
		N_("Nothing to do; it comes by itself."))                                                               \
	/* up to date: as a person here wanted it */                                                                    \
	REASON(WANTED_BACK, "wanted-back", 25,                                                                          \
		N_("A version was taken back because somebody here asked for it; everything else is up to date."),      \
		N_("Nothing to do. 'haishin release' and the package's name lets it come again."))                      \
	/* restart: new releases become current */                                                                      \
	REASON(STAGED, "staged", 1,                                                                                     \
		N_("New versions are ready and start working with the next restart."),                                  \
		N_("Restart this terminal."))                                                                           \
	/* restart: the former release becomes current again */                                                         \
	REASON(CONDEMNED, "condemned", 2,                                                                               \
		N_("The former version comes back with the next restart."),                                             \
		N_("Restart this terminal."))                                                                           \
	/* restart: there is no former release */                                                                       \
	REASON(CONDEMNED_FIRST, "condemned-first", 35,                                                                  \
		N_("A new version did not work, and there is no former one; it goes with the next restart."),           \
		N_("Restart this terminal, then call the call centre: 0800-080-4583."))                                 \
	/* restart: the operator recalled what is current */                                                            \
	REASON(RECALLED, "recalled", 45,                                                                                \
		N_("A new version was called back by the operator; the former one comes back with the next restart."),  \
		N_("Restart this terminal."))                                                                           \
	/* attention: delivery is disabled (F8) */                                                                      \
	REASON(DISABLED, "disabled", 3,                                                                                 \
		N_("Delivery is disabled on this terminal, so it gets no updates."),                                    \
		N_("'haishin enable' resumes it when the reason is gone."))                                             \
	/* attention: the machine itself, agent/machine/ */                                                             \
	EACH_MACHINE_FAULT(REASON, AS_REASON)                                                                                      \
	/* attention: the clock is behind what others signed */                                                         \
	REASON(CLOCK, "clock", 4,                                                                                       \
		N_("This terminal's clock is wrong."),                                                                  \
		N_("Set the date and the time, then run 'haishin check'."))                                             \
	/* attention: the client certificate is missing or expired (F16) */                                             \
	REASON(CERTIFICATE, "certificate", 5,                                                                           \
		N_("The client certificate is not installed, or it has expired or been revoked."),                      \
		N_("Install a valid client certificate, then run 'haishin check'."))                                    \
	/* attention: who answers cannot prove to be the server */                                                      \
	REASON(SERVER_UNTRUSTED, "server-untrusted", 6,                                                                 \
		N_("The server that answers cannot prove that it is the distribution server."),                         \
		N_("Check the date of this terminal and the server's name in the settings; then tell the call centre: " \
		   "0800-080-4583."))                                                                                   \
	/* attention: the machine was on, the agent was not (F19) */                                                    \
	REASON(NOT_RUNNING, "not-running", 7,                                                                           \
		N_("haishin did not run although the terminal was on."),                                                \
		N_("Restart the terminal; 'haishin doctor' says what keeps it from starting."))                         \
	/* attention: the terminal is off whenever it could be updated */                                               \
	REASON(OFF, "off", 8,                                                                                           \
		N_("The terminal was off in the last nights, so it got no updates."),                                   \
		N_("Leave the terminal on tonight, or run 'haishin download-now'."))                                    \
	/* attention: the server has not been reached for long */                                                       \
	REASON(NO_CONTACT, "no-contact", 9,                                                                             \
		N_("The distribution server has not been reached for some time."),                                      \
		N_("Check the network cable and the router, leave the terminal on at night, or run 'haishin check'."))  \
	/* attention: what answers is not the server, and has not been for long */                                      \
	REASON(STRANGER, "stranger", 10,                                                                                \
		N_("Something else than the distribution server answers, such as a login page or a proxy."),            \
		N_("Open a browser on this terminal, and sign in to the network if it asks; then run 'haishin check'.")) \
	/* attention: the server answers with what is past its time */                                                  \
	REASON(EXPIRED, "expired", 11,                                                                                  \
		N_("The distribution server answers, but its information has expired."),                                \
		N_("Check the date of this terminal. If it is right, there is nothing to do here: the operator of the " \
		   "server renews it."))                                                                                \
	/* attention */                                                                                                 \
	REASON(NO_SPACE, "no-space", 12,                                                                                \
		N_("There is not enough space on the disk for an update."),                                             \
		N_("Remove files that are not needed, then run 'haishin download-now'."))                               \
	/* attention: the server has no file that the catalog promises */                                                   \
	REASON(FILE_MISSING, "file-missing", 13,                                                                        \
		N_("The distribution server does not give a file of an update."),                                       \
		N_("There is nothing to do here; haishin asks again every night. If it lasts for days, call the call "  \
		   "centre: 0800-080-4583."))                                                                           \
	/* attention: a page, or a redirect, in place of a file that the catalog promises */                                \
	REASON(FILE_REPLACED, "file-replaced", 48,                                                                      \
		N_("Something else comes in place of a file of an update, such as a login page or what a virus filter shows."), \
		N_("Open a browser on this terminal, and sign in to the network if it asks; then run 'haishin "         \
		   "download-now'. If it lasts, tell whoever looks after this network."))                               \
	/* attention: bytes that were not published, twice within STATUS_ALTERED_S */                                       \
	REASON(ALTERED, "altered", 47,                                                                                  \
		N_("A file of an update arrives damaged again and again. Nothing of it is used."),                      \
		N_("Keep using the terminal; haishin tries again by itself. If it lasts for days, call the call "       \
		   "centre: 0800-080-4583."))                                                                           \
	/* attention: a release or the server's metadata was refused */                                                 \
	REASON(REFUSED, "refused", 14,                                                                                  \
		N_("An update cannot be trusted and was refused; the former version is in use."),                       \
		N_("Keep using the terminal as it is, and tell the call centre: 0800-080-4583."))                       \
	/* attention: the same of a package that has no release */                                                      \
	REASON(REFUSED_FIRST, "refused-first", 40,                                                                      \
		N_("A package cannot be trusted and was refused, and there is no former version."),                     \
		N_("Tell the call centre: 0800-080-4583. There is nothing to do at this terminal."))                    \
	/* attention: the first release of a package was taken back */                                                  \
	REASON(GONE, "gone", 34,                                                                                        \
		N_("A new version did not work, and there is no former one: the package is missing."),                  \
		N_("Call the call centre: 0800-080-4583. It comes by itself when there is another version."))           \
	/* attention: misspelt in the settings, or forgotten by the operator */                                         \
	REASON(NOT_NAMED, "not-named", 32,                                                                              \
		N_("A package of the settings is not in the catalog of the distribution server."),                      \
		N_("There is nothing to do at the desk. Whoever set up this terminal checks its name in the settings; if it is right, the operator of the server has to name it.")) \
	/* attention: a package without release needs what does not come */                                             \
	REASON(REQUIRES, "requires", 33,                                                                                \
		N_("A package is not installed, since another one that it needs is not there."),                        \
		N_("There is nothing to do at the desk: the operator of the server has to publish the other one, or "      \
		   "whoever set up this terminal has to name it in the settings."))     \
	/* attention: a package without release needs what a person here keeps away */                                  \
	REASON(REQUIRES_HERE, "requires-here", 51,                                                                      \
		N_("A package is not installed, since another one that it needs is held, or was taken back by somebody here."), \
		N_("'haishin unhold', or 'haishin release', and the name of the other one lets both come."))            \
	/* attention: a package without release is held */                                                              \
	REASON(HELD, "held", 41,                                                                                        \
		N_("A package that is not installed is held."),                                                         \
		N_("'haishin unhold' and its name lets it be installed."))                                              \
	/* attention: a package has no release, and a person here sent the one away that the server offers */           \
	REASON(SENT_AWAY, "sent-away", 46,                                                                              \
		N_("A package is not installed: its version was taken back because somebody here asked for it."),       \
		N_("'haishin release' and the package's name lets it come again."))                                     \
	/* attention: a package has no release, or 0.0.0 (F13) */                                                       \
	REASON(NOT_INSTALLED, "not-installed", 15,                                                                      \
		N_("A package is not installed properly (version 0.0.0)."),                                             \
		N_("Run 'haishin download-now', then restart; the newest version repairs it."))                         \
	/* attention: what is installed is not what was delivered */                                                        \
	REASON(FILES_DAMAGED, "files-damaged", 23,                                                                      \
		N_("Files of an installed version were changed or are missing."),                                       \
		N_("Leave the terminal on tonight, or run 'haishin download-now', then restart; only what is missing "  \
		   "is downloaded."))                                                                                   \
	/* attention: the same, and the server cannot help */                                                           \
	REASON(FILES_BEYOND_REPAIR, "files-beyond-repair", 24,                                                          \
		N_("Files of an installed version were changed or are missing, and the server does not offer this "     \
		   "version any more."),                                                                                \
		N_("Tell the call centre: 0800-080-4583."))                                                             \
	/* attention: a release did not work and was taken back */                                                      \
	REASON(ROLLED_BACK, "rolled-back", 16,                                                                          \
		N_("A new version was taken back; the former version is in use."),                                      \
		N_("Keep using the terminal. If something does not work, call the call centre: 0800-080-4583."))        \
	/* attention: within days */                                                                                    \
	REASON(CERTIFICATE_ENDS, "certificate-ends", 17,                                                                \
		N_("The client certificate expires in a few days."),                                                    \
		N_("Have it renewed and installed before that day."))                                                   \
	/* told to the operator in reports, long before staff need to know */                                           \
	REASON(CERTIFICATE_NOT_RENEWED, "certificate-not-renewed", 21,                                                  \
		N_("The client certificate could not be renewed yet."),                                                 \
		N_("There is nothing to do here; haishin tries again every night."))                                                   \
	/* attention: the store was damaged and has been made anew */                                                   \
	REASON(STORE_SET_ASIDE, "store-set-aside", 18,                                                                  \
		N_("haishin's records were damaged and have been begun anew."),                                         \
		N_("Updates go on. Tell whoever looks after this terminal."))                                           \
	/* attention: who takes the reports has seen two with this terminal's key */                                    \
	REASON(TWIN, "twin", 44,                                                                                        \
		N_("Another machine reports as this terminal: one is a copy of the other."),                            \
		N_("Updates go on. Tell whoever looks after this terminal: it needs an identity of its own."))          \
	/* waiting: it will come in the next window */                                                                  \
	REASON(NEWER_RELEASE, "newer-release", 19,                                                                      \
		N_("A newer version waits to be downloaded."),                                                          \
		N_("Leave the terminal on tonight, or run 'haishin download-now'."))                                    \
	/* waiting: its campaign does not deliver now */                                                                \
	REASON(CAMPAIGN, "campaign", 42,                                                                                \
		N_("A newer version waits for its delivery period."),                                                   \
		N_("Nothing to do until then; 'haishin download-now' brings it at once."))                              \
	/* waiting: what it requires is not there */                                                                    \
	REASON(WAITS, "waits", 43,                                                                                      \
		N_("A newer version waits for another package that it needs."),                                         \
		N_("Nothing to do at the desk; it comes once the operator of the server has published the other one, or "  \
		   "whoever set up this terminal has named that one in the settings."))        \
	/* waiting: what it requires is kept away by a person here */                                                   \
	REASON(WAITS_HERE, "waits-here", 50,                                                                            \
		N_("A newer version waits for another package that is held, or was taken back by somebody here."),      \
		N_("'haishin unhold', or 'haishin release', and the name of the other one lets both come."))            \
	/* waiting: the server has not been asked yet */                                                                \
	REASON(NOT_CHECKED, "not-checked", 20,                                                                          \
		N_("This terminal is being set up: the distribution server has not been asked yet."),                   \
		N_("Leave the terminal on tonight, or run 'haishin download-now'."))
/* clang-format on */

enum status_reason {
#define STATUS_ENUMERATOR(enumerator, name, number, meaning, next) STATUS_##enumerator,
	EACH_STATUS_REASON(STATUS_ENUMERATOR)
#undef STATUS_ENUMERATOR
};

#endif
