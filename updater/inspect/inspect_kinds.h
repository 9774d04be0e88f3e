/* What can be found wrong with an installed release, file by file. */
#ifndef UPDATER_INSPECT_INSPECT_KINDS_H
#define UPDATER_INSPECT_INSPECT_KINDS_H

/* KIND(enumerator, name, the word of staff for it, in English). The name stands in the answers of the agent and in docs/cli.md. */
/* clang-format off */
#define EACH_INSPECT_KIND(KIND) \
	KIND(CHANGED, "changed", N_("changed")) /* a file whose content is another, or something else in its place */ \
	KIND(REMOVED, "removed", N_("missing"))                                                                       \
	KIND(ADDED, "added", N_("added")) /* what is no part of the release */                                        \
	KIND(MODE, "mode", N_("permissions changed"))                                                                 \
	KIND(LINK, "link", N_("link changed")) /* it leads somewhere else */
/* clang-format on */

enum inspect_kind {
#define INSPECT_ENUMERATOR(enumerator, name, word) INSPECT_##enumerator,
	EACH_INSPECT_KIND(INSPECT_ENUMERATOR)
#undef INSPECT_ENUMERATOR
		INSPECT_KINDS
};

#endif
