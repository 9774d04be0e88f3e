/* Why a terminal was given another key of its own: each in one row. */
#ifndef COMMON_WORDS_IDENTITY_CHANGES_H
#define COMMON_WORDS_IDENTITY_CHANGES_H

/* CHANGE(enumerator, name, what the history says, what is the case, what to do next). The name stands in answers and reports; the
 * last two are for staff, in English, and have their Japanese in po/ja.po. */
/* clang-format off */
#define EACH_IDENTITY_CHANGE(CHANGE) \
	/* the disk was copied, or moved; or the machine around it was replaced */                                      \
	CHANGE(OTHER_MACHINE, "other-machine",                                                                          \
		"the disk is in another machine than before: it was copied, or the machine was changed",                \
		N_("This terminal's disk was in another machine before, as when it was copied; it has a key of its "    \
		   "own now."),                                                                                         \
		N_("There is nothing to do at the desk. Whoever looks after this terminal enrols it anew, so that it "  \
		   "does not share a certificate with the other one."))                                                 \
	CHANGE(KEY_GONE, "key-gone",                                                                                    \
		"the key was gone",                                                                                     \
		N_("This terminal's own key was gone; another one was made."),                                          \
		N_("There is nothing to do here. Whoever looks after this terminal finds out who removed it."))         \
	CHANGE(KEY_DAMAGED, "key-damaged",                                                                              \
		"the key could not be read; what was there is kept as terminal.key.damaged",                            \
		N_("This terminal's own key was damaged; another one was made."),                                       \
		N_("There is nothing to do here. If it happens again, have the disk looked at."))                       \
	CHANGE(OTHER_KEY, "other-key",                                                                                  \
		"another key stands in its place",                                                                      \
		N_("Somebody has put another key in the place of this terminal's own."),                                \
		N_("There is nothing to do here. Whoever looks after this terminal finds out who did it."))
/* clang-format on */

enum identity_change {
#define IDENTITY_ENUMERATOR(enumerator, name, record, meaning, next) IDENTITY_##enumerator,
	EACH_IDENTITY_CHANGE(IDENTITY_ENUMERATOR)
#undef IDENTITY_ENUMERATOR
	IDENTITY_UNCHANGED,
};

#endif
