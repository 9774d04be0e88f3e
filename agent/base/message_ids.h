/* What the agent says to the journal under an identifier of its own, for whoever filters or alerts by it. An identifier, once
 * released, never changes its meaning. packaging/journal explains each in English and Japanese; a test holds both in line.
 *
 * MESSAGE_IDS(X) calls X(NAME, id, level, operation, outcome) for each; the first row that fits a row of the history is its
 * own. "" stands for any; a row without operation is not told by the history. */
#ifndef AGENT_BASE_MESSAGE_IDS_H
#define AGENT_BASE_MESSAGE_IDS_H

#define MESSAGE_IDS(X)                                                                                               \
	X(STAGED, "ab9468b053ff40dab7761f43f6c70eaa", LOG_LEVEL_INFO, "stage", "done")                               \
	X(ACTIVATED, "87db06b8972b40d99852c2e1461e77dc", LOG_LEVEL_INFO, "activate", "done")                         \
	X(NOT_ACTIVATED, "8a1a02c7c91b473a8ad52304cc1a94f3", LOG_LEVEL_WARNING, "activate", "failed")                \
	X(CONFIRMED, "0da543147f8d4ff1927b8a0b46fa44a7", LOG_LEVEL_INFO, "confirm", "done")                          \
	X(STAYS, "08309bc3de6a4c7e8d91c25c536a12d8", LOG_LEVEL_INFO, "roll-back", "stopped")                         \
	X(ROLLED_BACK, "a8f280e759dc4c8fa0b67cd5ffb30570", LOG_LEVEL_WARNING, "roll-back", "")                       \
	X(QUARANTINED, "b616db0d3eb54b9696fdc2a55041180d", LOG_LEVEL_WARNING, "quarantine", "")                      \
	X(REFUSED, "54023b0059db4023b4bf1770f65994c5", LOG_LEVEL_WARNING, "", "refused")                             \
	X(NO_CONTACT, "06c9482580424e9793eed4b8ffee3abc", LOG_LEVEL_WARNING, "check", "failed")                      \
	X(FETCH_FAILED, "91535bbc633a4c8793474d0cf88a2b0f", LOG_LEVEL_WARNING, "fetch", "failed")                    \
	X(GIVEN_UP, "f21ff379025b4cd8a36c4297ce5976c0", LOG_LEVEL_WARNING, "give-up", "")                            \
	X(WINDOW_MISSED, "241cfc4ea9034def92ac3c4512640967", LOG_LEVEL_WARNING, "window", "failed")                  \
	X(STORE_DAMAGED, "5b536946d3c54ab68d4178c217742e55", LOG_LEVEL_ERROR, "store-rebuilt", "")                   \
	X(HEALTH_FAILED, "720c4a246c014b288a433083f426fe2b", LOG_LEVEL_WARNING, "health-check", "failed")            \
	X(NEW_KEY, "3f3b72a23355432e9edd8829898afe8b", LOG_LEVEL_WARNING, "key", "")                                  \
	X(DISABLED, "915ca7a9ad41498a9914765398de4fe3", LOG_LEVEL_WARNING, "disable", "")                            \
	X(ENABLED, "4cf42c656699465dbbc7586c39104c6d", LOG_LEVEL_INFO, "enable", "")                                 \
	X(HELD, "ccdda8182c6f4035ae19e1de24f19f8c", LOG_LEVEL_WARNING, "hold", "")                                   \
	X(LET_GO, "9482d0ef960e49b18f47a31aa0f49aef", LOG_LEVEL_INFO, "let-go", "")                                  \
	X(RESTART_DUE, "52832e1f1fac4e0da1be35f0a14d84b9", LOG_LEVEL_INFO, NULL, NULL)                               \
	X(SETTING_UNKNOWN, "34bb8b16db863b29439e0b1652006a0c", LOG_LEVEL_WARNING, NULL, NULL)

#define MESSAGE_ID_OF(name, id, level, operation, outcome)                                                           \
	static const char MESSAGE_##name[] __attribute__((unused)) = id;
MESSAGE_IDS(MESSAGE_ID_OF)
#undef MESSAGE_ID_OF

#endif
