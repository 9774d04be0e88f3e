/* The codes of errors, each in one row. A code exists only where some caller behaves differently on it. */
#ifndef COMMON_ERROR_CODES_H
#define COMMON_ERROR_CODES_H

/* CODE(enumerator, name, exit status, what it means, what to do next). The name stands in the history and in JSON, the exit status
 * is that of docs/cli.md; the last two are for staff, in English, and have their Japanese in po/ja.po. New codes go to the end: their
 * numbers travel between the agent and haishin-fetch, which may be of two versions. */
/* clang-format off */
#define EACH_ERROR_CODE(CODE) \
	/* could not be done; no more is known */                                                                          \
	CODE(FAILED, "failed", 1,                                                                                          \
		N_("It could not be done."),                                                                               \
		N_("Try again. If it fails again, restart the terminal, then call the call centre: 0800-080-4583."))       \
	/* the caller asked for something that makes no sense */                                                           \
	CODE(USAGE, "usage", 2,                                                                                            \
		N_("It cannot be done the way it was asked for."),                                                         \
		N_("'haishin help' shows how to ask."))                                                                    \
	/* no such package, file, release, target */                                                                       \
	CODE(NOT_FOUND, "not-found", 3,                                                                                    \
		N_("What was asked for cannot be found."),                                                                 \
		N_("'haishin status' shows what is on this terminal."))                                                    \
	/* a file that a person wrote is wrong: configuration, package folder, command file */                             \
	CODE(INPUT, "input", 1,                                                                                            \
		N_("A settings file of this terminal has a mistake."),                                                     \
		N_("Whoever set up this terminal can correct it; the line for support names the file and the line."))      \
	/* delivery is disabled */                                                                                         \
	CODE(DISABLED, "disabled", 4,                                                                                      \
		N_("Delivery is disabled on this terminal."),                                                              \
		N_("'haishin enable' resumes it."))                                                                        \
	/* too soon after the last time */                                                                                 \
	CODE(THROTTLED, "throttled", 5,                                                                                    \
		N_("That was asked for too often in a short time."),                                                       \
		N_("Wait a moment, then try again."))                                                                      \
	/* signature, digest, version or content of something from outside is wrong: never again */                        \
	CODE(REFUSED, "refused", 7,                                                                                        \
		N_("What the server sent cannot be trusted, and was refused. Nothing was changed."),                       \
		N_("Keep using the terminal as it is, and tell the call centre: 0800-080-4583."))                          \
	/* what came is not what was signed: the way here is at fault, not the release; again, elsewhere */                \
	CODE(ALTERED, "altered", 7,                                                                                        \
		N_("What was downloaded is not what was published, and was refused. Nothing was changed."),                \
		N_("haishin tries again by itself. If it lasts for days, call the call centre: 0800-080-4583."))           \
	/* no contact, or contact lost: try again with growing pauses */                                                   \
	CODE(NETWORK, "network", 8,                                                                                        \
		N_("The distribution server cannot be reached."),                                                          \
		N_("Check the network cable and the router. haishin tries again by itself and goes on where it stopped.")) \
	/* the server answered that it will not (4xx), or lacks it: again in the same night, then once a night */          \
	CODE(SERVER, "server", 8,                                                                                          \
		N_("The distribution server did not accept the request."),                                                 \
		N_("haishin tries again by itself. If it lasts for days, call the call centre: 0800-080-4583."))           \
	/* the client certificate is missing or expired, or the server's is not trusted */                                 \
	CODE(CERTIFICATE, "certificate", 8,                                                                                \
		N_("The client certificate is not installed, or it has expired or been revoked."),                         \
		N_("Install a valid client certificate, then run 'haishin check'."))                                       \
	/* make room */                                                                                                    \
	CODE(NO_SPACE, "no-space", 9,                                                                                      \
		N_("There is not enough space on this terminal's disk."),                                                  \
		N_("Remove files that are not needed, then try again; it goes on where it stopped."))                      \
	/* something of our own on this disk is damaged */                                                                 \
	CODE(DAMAGED, "damaged", 1,                                                                                        \
		N_("A file that haishin keeps on this terminal is damaged."),                                              \
		N_("Restart the terminal. If that does not help, call the call centre: 0800-080-4583."))                   \
	/* asked to stop, or the window has ended; goes on next time */                                                    \
	CODE(STOPPED, "stopped", 75,                                                                                       \
		N_("The work was stopped before its end."),                                                                \
		N_("It goes on where it stopped the next time."))                                                          \
	/* another process holds it: try again */                                                                          \
	CODE(BUSY, "busy", 75,                                                                                             \
		N_("haishin is at work already."),                                                                         \
		N_("Wait until it has ended; 'haishin status' shows how far it is."))                                      \
	/* this user may not */                                                                                            \
	CODE(DENIED, "denied", 1,                                                                                          \
		N_("Your account may look, but not change anything here."),                                                \
		N_("Sign in with the account that manages this terminal."))                                                \
	/* what answers is not the repository: no signed document at all, such as a login page; as no contact */           \
	CODE(STRANGER, "stranger", 8,                                                                                      \
		N_("Something else than the distribution server answers, such as a login page or a proxy."),               \
		N_("Open a browser on this terminal, and sign in to the network if it asks. haishin tries again by "       \
		   "itself."))                                                                                             \
	/* signed well, and past its time; newer information may come at any moment */                                     \
	CODE(EXPIRED, "expired", 7,                                                                                        \
		N_("The distribution server answers, but its information has expired."),                                   \
		N_("Check the date of this terminal. If it is right, there is nothing to do here: the operator of the "    \
		   "server renews it."))                                                                                   \
	/* the code for a certificate is none, was used, or is past its time: not again with this one */                   \
	CODE(ENROLMENT, "enrolment", 7,                                                                                    \
		N_("This code gives no certificate: it is mistyped, was used already, or is past its seven days."),        \
		N_("Type it once more. If that does not help, ask whoever gave it to you for a new code."))                \
	/* this machine does not let it happen, whatever was asked for: a disk that is read-only, or lets no program start */ \
	CODE(MACHINE, "machine", 1,                                                                                        \
		N_("Something on this terminal keeps haishin from its work."),                                             \
		N_("'haishin doctor' says what it is, and what to do."))                                                   \
	/* delivery may not run at this hour */                                                                            \
	CODE(OUTSIDE_WINDOW, "outside-window", 4,                                                                          \
		N_("It is not within the hours of delivery now."),                                                         \
		N_("It comes in the next window, if the terminal is left on; 'haishin download-now' brings it at once."))  \
	/* what this program keeps was written by a newer one, which alone can read it: nothing was changed */             \
	CODE(STORE_NEWER, "store-newer", 1,                                                                                \
		N_("The records of this terminal were written by a newer haishin; this older one cannot read them."),      \
		N_("Install the newer haishin again. Nothing was changed."))
/* clang-format on */

enum error_code {
	ERROR_NONE,
#define ERROR_ENUMERATOR(enumerator, name, exit_status, meaning, next) ERROR_##enumerator,
	EACH_ERROR_CODE(ERROR_ENUMERATOR)
#undef ERROR_ENUMERATOR
		ERROR_CODES
};

#endif
