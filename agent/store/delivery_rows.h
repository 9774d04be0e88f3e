/* Deliveries as rows of the store. delivery.c alone changes them: it knows which change is allowed, and what each
 * state means. */
#ifndef AGENT_STORE_DELIVERY_ROWS_H
#define AGENT_STORE_DELIVERY_ROWS_H

#include "agent/store/record.h"
#include "agent/store/statements.h"
#include "common/words/status_words.h"

enum delivery_state {
#define DELIVERY_ENUMERATOR(enumerator, name, words) DELIVERY_##enumerator,
	EACH_DELIVERY_STATE(DELIVERY_ENUMERATOR)
#undef DELIVERY_ENUMERATOR
};

struct delivery {
	int64_t id;
	char package[PACKAGE_NAME_SIZE];
	char version[VERSION_TEXT_SIZE];
	char digest[SHA256_HEX_SIZE]; /* of the release; its first 8 digits where no more is known (delivery_adopt) */
	char folder[PACKAGE_FOLDER_SIZE];
	enum delivery_state state;
	int64_t campaign; /* its number; 0 for none */
	int64_t planned_s;
	int64_t changed_s;
	int64_t attempts;	      /* how often delivery_begin was taken */
	int64_t wire_bytes;	      /* fetched for it so far */
	int64_t payload_bytes;	      /* of the whole payload */
	enum error_code error;	      /* of the last attempt; ERROR_NONE */
	char detail[STORE_TEXT_SIZE]; /* the last error's sentence */
};

const char *delivery_state_name(enum delivery_state state);
/* Hands over the deliveries that changed at SINCE_S or later, in the order of their changes. */
WARN_UNUSED int delivery_each_since(struct store *store, int64_t since_s,
	int (*each)(void *context, const struct delivery *delivery, struct error *err), void *context,
	struct error *err);

/* ---- For delivery.c ---- */

/* Gives it its id. */
WARN_UNUSED int delivery_row_add(struct store *store, struct delivery *delivery, struct error *err);
/* ERROR_BUSY where the row is no longer in the state FROM: another process was faster. */
WARN_UNUSED int delivery_row_change(
	struct store *store, const struct delivery *delivery, enum delivery_state from, struct error *err);
/* The one row that STATEMENT gives for its texts; *RET_FOUND tells if there is one. */
WARN_UNUSED int delivery_row_find(struct store *store, enum statement statement, const char *const *texts, int count,
	struct delivery *ret_delivery, bool *ret_found, struct error *err);

#endif
