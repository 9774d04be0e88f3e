#include "tools/audit/audit_state.h"

#include <fcntl.h>
#include <string.h>

#include "common/fs.h"
#include "common/json.h"

#define FORM "haishin-audit-state-1"
#define STATE_MAX_BYTES (512u << 20) /* some million terminals */

static int read_json(const struct buf *text, struct audit_state *state, struct error *err)
{
	AUTO(json) json_t *object = json_parse(text->data, text->len, err);
	const json_t *terminals;
	const char *form, *note;

	if (!object || json_want_string(object, "form", &form, err) < 0)
		return -1;
	if (strcmp(form, FORM) != 0)
		return error_set(err, ERROR_INPUT, "form '%.64s' is not known here", form);
	if (json_want_string(object, "checkpoint", &note, err) < 0 ||
		json_want_array(object, "terminals", &terminals, err) < 0 ||
		buf_append(&state->note, note, strlen(note), err) < 0)
		return -1;
	state->has_terminals = true;
	return terminals_read(&state->terminals, terminals, err);
}

int audit_state_read(const char *path, struct audit_state *ret_state, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(STATE_MAX_BYTES);
	struct fs fs;

	fs_init(&fs);
	if (fs_read_given(&fs, path, &text, err) < 0)
		return -1;
	if (text.len > 0 && *text.data == '{')
		return read_json(&text, ret_state, err) < 0 ? error_context(err, "'%s'", path) : 0;
	return buf_append(&ret_state->note, buf_text(&text), text.len, err);
}

int audit_state_write(const char *path, const struct audit_state *state, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(STATE_MAX_BYTES);
	AUTO(json) json_t *object = json_object();
	struct fs fs;

	fs_init(&fs);
	if (json_object_set_new(object, "form", json_string(FORM)) < 0 ||
		json_object_set_new(object, "checkpoint", json_string(buf_text(&state->note))) < 0 ||
		json_object_set_new(object, "terminals", terminals_json(&state->terminals)) < 0)
		return error_set(err, ERROR_FAILED, "no memory for what this audit leaves");
	if (json_write(object, &text, err) < 0 || buf_append(&text, "\n", 1, err) < 0)
		return -1;
	return fs_write_file(&fs, AT_FDCWD, path, text.data, text.len, 0644, err);
}

void audit_state_clear(struct audit_state *state)
{
	buf_clear(&state->note);
	terminals_clear(&state->terminals);
}
