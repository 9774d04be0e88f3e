/* How a terminal, its packages and their deliveries stand, each in one word. The name stands in the answers of the agent and in reports; the words
 * are for people, in English, and have their Japanese in po/ja.po. */
#ifndef COMMON_WORDS_STATUS_WORDS_H
#define COMMON_WORDS_STATUS_WORDS_H

/* clang-format off */
/* VERDICT(enumerator, name, words) on the terminal, from what needs nobody to what needs somebody */
#define EACH_STATUS_VERDICT(VERDICT) \
	VERDICT(UP_TO_DATE, "up-to-date", N_("Up to date")) \
	VERDICT(RESTART, "restart", N_("Please restart")) /* to finish */ \
	VERDICT(WAITING, "update-waiting", N_("Update waiting")) \
	VERDICT(ATTENTION, "needs-attention", N_("Needs attention"))

/* STATE(enumerator, name, standing, words) of a package, from what weighs most to what weighs least. The standing is what support hears of
 * it (tools/haishin/draw/support_code.c, docs/support-code.md). */
#define EACH_PACKAGE_STATE(STATE) \
	STATE(ODD, "odd", NOT_INSTALLED, N_("changed by hand")) /* nobody knows what is current */ \
	STATE(CONDEMNED, "condemned", TAKEN_BACK, N_("goes back, restart")) \
	STATE(STAGED, "staged", STAGED, N_("ready, restart")) \
	STATE(TRIAL, "trial", STAGED, N_("being checked")) \
	STATE(HELD, "held", HELD, N_("held")) \
	STATE(FETCHING, "fetching", OLDER, N_("downloading")) \
	STATE(PUT_AWAY, "put-away", TAKEN_BACK, N_("taken back on request")) \
	STATE(ROLLED_BACK, "rolled-back", TAKEN_BACK, N_("was taken back")) \
	STATE(REFUSED, "refused", TAKEN_BACK, N_("was refused")) \
	STATE(NOT_INSTALLED, "not-installed", NOT_INSTALLED, N_("not installed")) \
	STATE(WAITING, "waiting", OLDER, N_("update waiting")) \
	STATE(CURRENT, "current", NEWEST, N_("newest"))

/* DELIVERY(enumerator, name, words): the states of one, in the order of its life (agent/store/delivery.h), then how it may end otherwise */
#define EACH_DELIVERY_STATE(DELIVERY) \
	DELIVERY(PLANNED, "planned", N_("planned")) \
	DELIVERY(FETCHING, "fetching", N_("downloading")) \
	DELIVERY(STAGED, "staged", N_("ready, restart")) \
	DELIVERY(ACTIVATED, "activated", N_("being checked")) \
	DELIVERY(CONFIRMED, "confirmed", N_("confirmed")) \
	DELIVERY(ROLLED_BACK, "rolled-back", N_("was taken back")) \
	DELIVERY(REJECTED, "rejected", N_("was refused")) \
	DELIVERY(FAILED, "failed", N_("given up"))
/* clang-format on */

#endif
