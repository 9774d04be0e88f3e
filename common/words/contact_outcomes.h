/* What became of a window. */
#ifndef COMMON_WORDS_CONTACT_OUTCOMES_H
#define COMMON_WORDS_CONTACT_OUTCOMES_H

/* Outcomes of a window. The first is good; the next two are nobody's fault; the others are to be looked into. */
#define CONTACT_MADE "contacted"
#define CONTACT_OFF "off" /* the terminal was off, or too short a time on to have its turn */
#define CONTACT_DISABLED "disabled"
#define CONTACT_NETWORK "network"
#define CONTACT_CLOCK "clock" /* the terminal's clock was wrong */
#define CONTACT_SERVER "server"
#define CONTACT_NOT_RUNNING "not-running" /* the machine was on, the agent was not, or its work crashed */

/* OUTCOME(one of them, the word of people for it): no other is put into the store. The words are in English, and have their Japanese in
 * po/ja.po. */
/* clang-format off */
#define EACH_CONTACT_OUTCOME(OUTCOME) \
	OUTCOME(CONTACT_MADE, N_("contact"))                    \
	OUTCOME(CONTACT_OFF, N_("terminal off"))                \
	OUTCOME(CONTACT_DISABLED, N_("delivery disabled"))      \
	OUTCOME(CONTACT_NETWORK, N_("no network"))              \
	OUTCOME(CONTACT_CLOCK, N_("wrong clock"))               \
	OUTCOME(CONTACT_SERVER, N_("server error"))             \
	OUTCOME(CONTACT_NOT_RUNNING, N_("haishin not running"))
/* clang-format on */

#endif
