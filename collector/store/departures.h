/* Terminals of which nothing is expected any more: they stay in the store with what they told, and are no part of the fleet that is to
 * be reached. Should one report again, it is there again. */
#ifndef COLLECTOR_STORE_DEPARTURES_H
#define COLLECTOR_STORE_DEPARTURES_H

/* DEPARTURE(name, words, what is the case, what is to be done). The name is verdict and reason of the terminal's row; the texts are for
 * the fleet's operator, in English, and have their Japanese in po/ja.po. */
/* clang-format off */
#define EACH_DEPARTURE(DEPARTURE) \
	DEPARTURE("replaced", N_("Replaced"), \
		N_("Another terminal was enrolled in its place."), \
		N_("Nothing to do: nothing is expected of it any more.")) \
	DEPARTURE("revoked", N_("Revoked"), \
		N_("Its client certificate was revoked."), \
		N_("Nothing to do: nothing is expected of it any more. With a new code it can be enrolled again."))
/* clang-format on */

#endif
