#include "agent/proof/key_names.h"

#include <string.h>

#include "common/text.h"

#define HEX_DIGITS "0123456789abcdef"

bool key_names_hold(const struct key_names *names, const char *id)
{
	for (size_t i = 0; i < names->count; i++)
		if (strcmp(names->ids[i], id) == 0)
			return true;
	return false;
}

void key_names_add(struct key_names *names, const char *id)
{
	if (key_names_hold(names, id))
		return;
	if (names->count == KEY_NAMES_MOST) {
		memmove(names->ids[0], names->ids[1], (KEY_NAMES_MOST - 1) * sizeof(names->ids[0]));
		names->count--;
	}
	text_cut(id, names->ids[names->count++], KEY_ID_SIZE);
}

int key_names_write(const struct key_names *names, struct buf *ret_text, struct error *err)
{
	for (size_t i = 0; i < names->count; i++)
		if (buf_printf(ret_text, err, "%s%s", i ? " " : "", names->ids[i]) < 0)
			return -1;
	return 0;
}

void key_names_read(const char *text, struct key_names *ret_names)
{
	*ret_names = (struct key_names){0};
	while (*(text += strspn(text, " "))) {
		size_t len = strcspn(text, " ");
		char id[KEY_ID_SIZE];

		if (len == KEY_ID_SIZE - 1 && strspn(text, HEX_DIGITS) == len) {
			(void)snprintf(id, sizeof(id), "%.*s", (int)len, text);
			key_names_add(ret_names, id);
		}
		text += len;
	}
}
