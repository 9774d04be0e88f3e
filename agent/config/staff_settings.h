/* The settings that an operator may leave to staff ([control] staff_may_set), each in one row. Nothing about servers, keys, accounts
 * or paths is among them, and nothing that runs a program: whoever may set one of these cannot get further by it. */
#ifndef AGENT_CONFIG_STAFF_SETTINGS_H
#define AGENT_CONFIG_STAFF_SETTINGS_H

/* SETTING(name, what staff call it, how it is written). The name is that of the section and the key; the texts are for staff, in
 * English, and have their Japanese in po/ja.po. */
/* clang-format off */
#define EACH_STAFF_SETTING(SETTING) \
	SETTING("terminal.institution_name", N_("name of the institution"), N_("a text in one line"))                      \
	SETTING("terminal.telephone", N_("telephone number"), N_("such as 03-1234-5678"))                      \
	SETTING("delivery.window", N_("hours of delivery"), N_("such as 20:00-05:00"))                                     \
	SETTING("delivery.attempts_per_night", N_("attempts in one night"), N_("1 to 100"))                                \
	SETTING("network.rate", N_("speed limit within the hours of delivery"), N_("such as 512K; 0 for no limit"))        \
	SETTING("network.rate_outside_window", N_("speed limit at other hours"), N_("such as 512K; 0 for no limit"))       \
	SETTING("network.rate_by_hour", N_("speed limit by the hour"), N_("such as mon-fri,08:00-12:00=64K"))              \
	SETTING("network.budget", N_("most that is downloaded in one night"), N_("such as 500M; 0 for no limit"))          \
	SETTING("network.budget_time", N_("longest time of downloads in one night"), N_("such as 2h; 0 for no limit"))     \
	SETTING("install.per_restart", N_("packages that become current at one restart"), N_("all or one"))                \
	SETTING("restart.at", N_("hour of the restart by itself"), N_("such as 04:30; empty for never"))
/* clang-format on */

#endif
