/* What the doctor can find, and where: each in one row, of which enums, names and the words for staff are made. */
#ifndef AGENT_BASE_DOCTOR_LISTS_H
#define AGENT_BASE_DOCTOR_LISTS_H

#include "common/words/machine_faults.h"

/* The texts marked by N_() are for staff, in English, and have their Japanese in po/ja.po; the names stand in the answers of the
 * agent and in docs/cli.md. */

/* clang-format off */
/* HOP(enumerator, name, what staff call it), in the order of the walk. */
#define EACH_DOCTOR_HOP(HOP) \
	HOP(CONFIGURATION, "configuration", N_("settings"))                                                             \
	HOP(SERVICE, "service", N_("start with the terminal"))                                                          \
	HOP(AGENT, "agent", N_("haishin itself"))                                                                       \
	HOP(CLOCK, "clock", N_("clock"))                                                                                \
	HOP(DISK, "disk", N_("disk"))                                                                                   \
	HOP(STATE, "state", N_("files of haishin"))                                                                     \
	HOP(MEMORY, "memory", N_("memory"))                                                                             \
	HOP(WALLS, "walls", N_("walls around programs of packages"))                                                    \
	HOP(FILES, "files", N_("installed files"))                                                                      \
	HOP(CERTIFICATE, "certificate", N_("client certificate"))                                                       \
	HOP(LINK, "link", N_("network connection"))                                                                     \
	HOP(PROXY, "proxy", N_("proxy"))                                                                                \
	HOP(NAME, "name", N_("name server"))                                                                            \
	HOP(ADDRESS, "address", N_("address of the server"))                                                            \
	HOP(TLS, "tls", N_("encryption"))                                                                               \
	HOP(SERVER, "server", N_("answer of the server"))                                                               \
	HOP(TRUST, "trust", N_("signatures"))

/* OUTCOME(enumerator, name, what staff read). A warning: it works, and somebody should know. Skipped: there is nothing to try, or
 * an earlier hop failed. */
#define EACH_DOCTOR_OUTCOME(OUTCOME) \
	OUTCOME(OK, "ok", N_("OK"))                                                                                     \
	OUTCOME(WARNING, "warning", N_("note"))                                                                         \
	OUTCOME(FAILED, "failed", N_("WRONG"))                                                                          \
	OUTCOME(SKIPPED, "skipped", N_("none"))

/* FINDING(enumerator, name, number, what is wrong, what to do next), in the order of the walk. The number stands for the finding in
 * codes that staff read out (docs/support-code.md), for good, and is at most 62: a new row takes the highest that is taken, here or in
 * machine_faults.h, and one more; the compiler refuses one that is taken. In front of those that follow: the functions that find them. */
#define EACH_DOCTOR_FINDING(FINDING) \
	FINDING(NOTHING, "nothing", 0,                                                                                  \
		N_("Nothing is wrong on the way to the distribution server."),                                          \
		N_("Nothing to do."))                                                                                   \
	/* walk_configuration(), walk_service() in agent/night/doctor.c; and in tools/haishin/verbs/verb_doctor.c, where no agent answers */ \
	FINDING(SETTING_UNKNOWN, "setting-unknown", 3,                                                                  \
		N_("A settings file of this terminal names a setting that haishin does not know; it has no effect."),   \
		N_("Whoever set up this terminal can correct it; the line for support names the file and the line."))   \
	FINDING(SERVICE_DISABLED, "service-disabled", 4,                                                                \
		N_("haishin does not start with this terminal."),                                                       \
		N_("Run 'systemctl enable --now haishind' as root. This happens after the computer was renamed, too.")) \
	FINDING(AGENT_OLDER, "agent-older", 36,                                                                         \
		N_("A newer haishin is installed on this terminal than the one that the server delivered and that runs."), \
		N_("There is nothing to do here: whoever runs the server publishes the newer one, by 'haishin-site release'.")) \
	/* walk_without_agent() in tools/haishin/verbs/verb_doctor.c */                                                 \
	FINDING(AGENT_STOPPED, "agent-stopped", 5,                                                                      \
		N_("haishin is not running on this terminal."),                                                         \
		N_("Run 'systemctl start haishind' as root, or restart the terminal."))                                 \
	FINDING(AGENT_STOPPED_BELOW_ROOT, "agent-stopped-below-root", 6,                                                \
		N_("haishin is not running for this folder."),                                                          \
		N_("Start it with 'haishind --root' and the folder."))                                                  \
	/* walk_clock() in agent/night/doctor.c */                                                                      \
	FINDING(CLOCK_BEHIND, "clock-behind", 7,                                                                        \
		N_("This terminal's clock is wrong: it is later than it shows."),                                       \
		N_("Set the date and the time, then run 'haishin doctor' again."))                                      \
	FINDING(CLOCK_AHEAD, "clock-ahead", 39,                                                                         \
		N_("This terminal's clock was set ahead by more than a day."),                                          \
		N_("Set the date and the time, then run 'haishin doctor' again."))                                      \
	/* agent/machine/, for status and explain too; told by agent/base/doctor_machine.c */                           \
	EACH_MACHINE_FAULT(FINDING, AS_FINDING)                                                                         \
	/* doctor_tell_terminal() in agent/night/doctor.c */                                                            \
	FINDING(STORE_NEWER, "store-newer", 49,                                                                         \
		N_("The records of this terminal were written by a newer haishin; this older one cannot read them."),   \
		N_("Install the newer haishin again. Nothing was changed."))                                            \
	/* doctor_walk_walls() in agent/night/doctor_walls.c */                                                         \
	FINDING(WALLS_MISSING, "walls-missing", 37,                                                                     \
		N_("Checks of packages run with fewer walls around them than they should on this machine."),            \
		N_("Delivery works. Whoever set up this terminal can build them: sandbox.md, and the details."))        \
	/* walk_files(), walk_certificate() in agent/night/doctor.c; what the server says of a certificate: name_failure() in doctor_network.c */ \
	FINDING(FILES_DAMAGED, "files-damaged", 38,                                                                     \
		N_("Files of an installed version were changed or are missing."),                                       \
		N_("Leave the terminal on tonight, or run 'haishin download-now', then restart; only what is missing "  \
		   "is downloaded."))                                                                                   \
	FINDING(CERTIFICATE_MISSING, "certificate-missing", 10,                                                         \
		N_("The client certificate is not installed."),                                                         \
		N_("Install the institution's client certificate, then run 'haishin doctor' again."))                   \
	FINDING(CERTIFICATE_EXPIRED, "certificate-expired", 11,                                                         \
		N_("The client certificate has expired or been revoked."),                                              \
		N_("Install the institution's current client certificate, then run 'haishin doctor' again."))           \
	FINDING(CERTIFICATE_NOT_YET, "certificate-not-yet", 12,                                                         \
		N_("The client certificate is not valid yet."),                                                         \
		N_("Check the date of this terminal; if it is right, install a certificate that is valid today."))      \
	FINDING(CERTIFICATE_UNUSABLE, "certificate-unusable", 13,                                                       \
		N_("The client certificate cannot be used."),                                                           \
		N_("Install it again together with its private key; the line for support names the file."))             \
	FINDING(CERTIFICATE_REFUSED, "certificate-refused", 14,                                                         \
		N_("The server does not accept the client certificate."),                                               \
		N_("Install the institution's current client certificate, then run 'haishin doctor' again."))           \
	FINDING(CERTIFICATE_OF_ANOTHER, "certificate-of-another", 15,                                                   \
		N_("No client certificate bears this institution's code; another one is used."),                        \
		N_("Check the institution code in the settings, and the certificates installed."))                      \
	FINDING(CERTIFICATE_ENDS, "certificate-ends", 16,                                                               \
		N_("The client certificate expires soon."),                                                             \
		N_("Have it renewed and installed before that day."))                                                   \
	FINDING(FETCH_UNUSABLE, "fetch-unusable", 17,                                                                   \
		N_("The part of haishin that talks to the network does not start."),                                    \
		N_("Install haishin again. If that does not help, call the call centre: 0800-080-4583."))               \
	/* walk_link(), walk_name(), tell_address(), walk_answer(), name_failure() in agent/night/doctor_network.c */   \
	FINDING(LINK_DOWN, "link-down", 46,                                                                             \
		N_("This terminal is not connected to a network."),                                                     \
		N_("Plug the network cable in at both ends, or connect to the wireless network; then run 'haishin "     \
		   "doctor' again."))                                                                                   \
	FINDING(PROXY_UNKNOWN, "proxy-unknown", 18,                                                                     \
		N_("The name of the configured proxy is unknown."),                                                     \
		N_("Check the proxy in the settings, and the name server of this network."))                            \
	FINDING(PROXY_UNREACHABLE, "proxy-unreachable", 19,                                                             \
		N_("The configured proxy does not answer."),                                                            \
		N_("Check the proxy in the settings, the network cable and the router."))                               \
	FINDING(PROXY_REFUSES, "proxy-refuses", 20,                                                                     \
		N_("The configured proxy does not let haishin through."),                                               \
		N_("Check the proxy in the settings, its user and password above all."))                                \
	FINDING(NAME_UNKNOWN, "name-unknown", 21,                                                                       \
		N_("The name of the distribution server is unknown."),                                                  \
		N_("Check the server's name in the settings, and the name server of this network."))                    \
	FINDING(NAME_SERVER_SILENT, "name-server-silent", 22,                                                           \
		N_("No name server answers."),                                                                          \
		N_("Check the network cable, the router, and the name server of this network."))                        \
	FINDING(ADDRESS_SILENT, "address-silent", 23,                                                                   \
		N_("One of the server's addresses does not answer; another one does."),                                 \
		N_("Nothing to do; delivery works, and may take longer."))                                              \
	FINDING(SERVER_UNREACHABLE, "server-unreachable", 24,                                                           \
		N_("The distribution server does not answer."),                                                         \
		N_("The network cable is fine. Switch the router off and on; if other pages of the internet open on "   \
		   "this terminal, this network does not let the server through."))                                     \
	FINDING(SERVER_STOPPED, "server-stopped", 47,                                                                   \
		N_("The machine of the distribution server answers, but the server is not running there."),             \
		N_("There is nothing to do here: the operator of the server starts it, and haishin tries again by "     \
		   "itself."))                                                                                          \
	FINDING(TLS_UNTRUSTED, "tls-untrusted", 25,                                                                     \
		N_("The server that answers cannot prove that it is the distribution server."),                         \
		N_("Check the date of this terminal and the server's name in the settings; then tell the call centre: " \
		   "0800-080-4583."))                                                                                   \
	FINDING(TLS_FAILED, "tls-failed", 26,                                                                           \
		N_("No encrypted connection comes about with what answers there."),                                     \
		N_("Check the server's name and port in the settings, and whether something on this network stands in " \
		   "the way."))                                                                                         \
	FINDING(SERVER_NO_REPOSITORY, "server-no-repository", 27,                                                       \
		N_("What answers there does not hold the updates."),                                                    \
		N_("Check the server's name and path in the settings."))                                                \
	FINDING(SERVER_STRANGER, "server-stranger", 28,                                                                 \
		N_("Something else than the distribution server answers, such as a login page or a proxy."),            \
		N_("Open a browser on this terminal, and sign in to the network if it asks; then run 'haishin doctor' " \
		   "again."))                                                                                           \
	FINDING(SERVER_REFUSES, "server-refuses", 29,                                                                   \
		N_("The distribution server did not accept the request."),                                              \
		N_("Try again later. If it lasts for days, call the call centre: 0800-080-4583."))                      \
	FINDING(SERVER_REDIRECTS, "server-redirects", 30,                                                               \
		N_("The distribution server points to another address, where this terminal may not go."),               \
		N_("Check the server's name in the settings; the details name the other address."))                     \
	FINDING(SERVER_SILENT, "server-silent", 31,                                                                     \
		N_("The distribution server cannot answer now."),                                                       \
		N_("Try again later; haishin does so by itself."))                                                      \
	/* walk_trust(), doctor_tell_terminal() in agent/night/doctor.c */                                              \
	FINDING(TRUST_ROOT_MISSING, "trust-root-missing", 32,                                                           \
		N_("The file that says whom this terminal may trust is missing or wrong."),                             \
		N_("Install haishin again, or ask the operator of the distribution server for the file."))              \
	FINDING(TRUST_EXPIRED, "trust-expired", 33,                                                                     \
		N_("What the server signed has expired, or this terminal's clock runs ahead."),                         \
		N_("Check the date of this terminal; if it is right, tell the call centre: 0800-080-4583."))            \
	FINDING(TRUST_REFUSED, "trust-refused", 34,                                                                     \
		N_("What the server sent cannot be trusted."),                                                          \
		N_("Keep using the terminal as it is, and tell the call centre: 0800-080-4583."))                       \
	FINDING(TRUST_ALTERED, "trust-altered", 48,                                                                     \
		N_("A file of the server arrives damaged. Nothing of it is used."),                                     \
		N_("Run 'haishin doctor' again. If it says so again, tell the call centre: 0800-080-4583."))            \
	FINDING(TRUST_UNFINISHED, "trust-unfinished", 35,                                                               \
		N_("The contact with the server was lost."),                                                            \
		N_("Run 'haishin doctor' again. If it lasts, check the network cable and the router."))
/* clang-format on */

enum doctor_hop_kind {
#define DOCTOR_HOP_KIND(enumerator, name, word) DOCTOR_HOP_##enumerator,
	EACH_DOCTOR_HOP(DOCTOR_HOP_KIND)
#undef DOCTOR_HOP_KIND
};

enum doctor_outcome {
#define DOCTOR_OUTCOME(enumerator, name, word) DOCTOR_##enumerator,
	EACH_DOCTOR_OUTCOME(DOCTOR_OUTCOME)
#undef DOCTOR_OUTCOME
};

enum doctor_finding {
#define DOCTOR_FINDING(enumerator, name, number, meaning, next) FINDING_##enumerator,
	EACH_DOCTOR_FINDING(DOCTOR_FINDING)
#undef DOCTOR_FINDING
};

#endif
