#include "agent/proof/identity.h"

#include <ctype.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "agent/proof/anchor.h"
#include "agent/proof/chapter.h"
#include "agent/proof/history_file.h"
#include "agent/proof/terminal_key.h"
#include "agent/store/history.h"
#include "agent/store/store.h"
#include "agent/store/store_query.h"
#include "common/text.h"

#define SETTING_MACHINE "identity.machine"
#define SETTING_HARDWARE "identity.hardware"
#define SETTING_CHANGE "identity.change" /* its name, since when, the former key, the client certificate of that day ("-": none) */

#define MARK_FORM "haishin-machine-1\n"
#define MARK_MAX_BYTES 128
#define CHANGE_MAX_BYTES 256

static const struct {
	const char *name, *record;
} changes[] = {
#define CHANGE_ROW(enumerator, name, record, meaning, next) {name, record},
	EACH_IDENTITY_CHANGE(CHANGE_ROW)
#undef CHANGE_ROW
};

const char *identity_change_name(enum identity_change change)
{
	return change < IDENTITY_UNCHANGED ? changes[change].name : "";
}

/* ---- What the machine says ---- */

/* Who this terminal is: digests, so that no store tells the numbers of a machine. "" where nothing is known. */
struct marks {
	char machine[SHA256_HEX_SIZE], hardware[SHA256_HEX_SIZE];
	char key[KEY_ID_SIZE];
};

static void read_mark(struct fs *fs, const char *path, char ret_mark[static SHA256_HEX_SIZE])
{
	AUTO(buf) struct buf text = BUF_INIT(MARK_MAX_BYTES), marked = BUF_INIT(2 * MARK_MAX_BYTES);
	struct sha256 digest;

	*ret_mark = '\0';
	if (fs_read_file(fs, AT_FDCWD, path, &text, NULL) < 0)
		return;
	while (text.len > 0 && isspace((unsigned char)text.data[text.len - 1]))
		text.data[--text.len] = '\0';
	/* systemd's word for a machine id that is still to be made */
	if (text.len == 0 || strcmp(buf_text(&text), "uninitialized") == 0 ||
		buf_printf(&marked, NULL, MARK_FORM "%s\n", buf_text(&text)) < 0)
		return;
	sha256_of(marked.data, marked.len, &digest);
	(void)sha256_hex(&digest, ret_mark);
}

static int read_noted(struct store *store, const char *name, char ret_mark[static SHA256_HEX_SIZE], struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(SHA256_HEX_SIZE);

	if (store_setting(store, name, &text, err) < 0)
		return -1;
	text_cut(buf_text(&text), ret_mark, SHA256_HEX_SIZE);
	return 0;
}

static bool is_another(const char *noted, const char *now)
{
	return *noted && *now && strcmp(noted, now) != 0;
}

/* What cannot be told just now stays as it was. */
static int note_mark(struct store *store, const char *name, const char *noted, const char *now, struct error *err)
{
	return *now && strcmp(noted, now) != 0 ? store_set_setting(store, name, now, err) : 0;
}

/* ---- What has changed ---- */

struct look {
	struct marks noted, now;
	enum identity_change change;
};

/* The key as it is, made at the first start. One that is gone or damaged is what is looked for here. */
static int look_at_key(struct terminal *terminal, struct look *look, struct error *err)
{
	struct error why = {0};
	AUTO(signer) struct signer *signer = terminal_key_load(terminal, &why);

	if (signer) {
		text_cut(signer_key_id(signer), look->now.key, sizeof(look->now.key));
		look->change = is_another(look->noted.key, look->now.key) ? IDENTITY_OTHER_KEY : IDENTITY_UNCHANGED;
		return 0;
	}
	if (why.code != ERROR_DAMAGED)
		return error_set(err, why.code, "%s", why.text);
	look->change = *look->noted.key && !terminal_key_is_there(terminal) ? IDENTITY_KEY_GONE : IDENTITY_KEY_DAMAGED;
	return 0;
}

static int look_at_terminal(struct terminal *terminal, struct look *ret_look, struct error *err)
{
	const struct config *config = terminal->config;
	struct store *store = terminal->store;
	struct look look = {0};

	read_mark(terminal->env->fs, config->machine_id_path, look.now.machine);
	read_mark(terminal->env->fs, config->hardware_id_path, look.now.hardware);
	if (read_noted(store, SETTING_MACHINE, look.noted.machine, err) < 0 ||
		read_noted(store, SETTING_HARDWARE, look.noted.hardware, err) < 0 ||
		terminal_key_noted(store, look.noted.key, err) < 0 || look_at_key(terminal, &look, err) < 0)
		return -1;
	if (is_another(look.noted.machine, look.now.machine) || is_another(look.noted.hardware, look.now.hardware))
		look.change = IDENTITY_OTHER_MACHINE;
	*ret_look = look;
	return 0;
}

/* ---- A new terminal ---- */

/* One that was written before a cut, and never noted, was used for nothing yet: it will do. */
static int get_new_key(struct terminal *terminal, struct look *look, struct error *err)
{
	AUTO(signer) struct signer *signer = NULL;

	if (is_another(look->noted.key, look->now.key))
		return 0;
	if (!(signer = terminal_key_renew(terminal, err)))
		return -1;
	text_cut(signer_key_id(signer), look->now.key, sizeof(look->now.key));
	return 0;
}

static int take_certificate(void *context, const struct chapter_row *row, struct error *err)
{
	(void)err;
	text_cut(row->certificate, context, SHA256_HEX_SIZE);
	return 0;
}

static int note_change(struct store *store, const struct look *look, struct error *err)
{
	char text[CHANGE_MAX_BYTES], certificate[SHA256_HEX_SIZE] = "";

	if (chapter_each(store, take_certificate, certificate, err) < 0)
		return -1;
	(void)snprintf(text, sizeof(text), "%s %" PRId64 " %s %s", changes[look->change].name, store_now_s(store),
		*look->noted.key ? look->noted.key : "-",
		look->change == IDENTITY_OTHER_MACHINE && *certificate ? certificate : "-");
	return store_set_setting(store, SETTING_CHANGE, text, err);
}

static int note_marks(struct store *store, const struct look *look, struct error *err)
{
	if (note_mark(store, SETTING_MACHINE, look->noted.machine, look->now.machine, err) < 0 ||
		note_mark(store, SETTING_HARDWARE, look->noted.hardware, look->now.hardware, err) < 0)
		return -1;
	return terminal_key_note(store, look->now.key, err);
}

static int record(struct store *store, const struct look *look, struct error *err)
{
	const struct history_entry entry = {
		.operation = HISTORY_NEW_KEY,
		.digest = look->noted.key,
		.outcome = "done",
		.detail = changes[look->change].record,
	};

	return history_add(store, &entry, err);
}

static int begin_anew(struct terminal *terminal, struct look *look, struct error *err)
{
	struct store *store = terminal->store;

	if (get_new_key(terminal, look, err) < 0 || note_change(store, look, err) < 0 ||
		note_marks(store, look, err) < 0 || record(store, look, err) < 0 ||
		(look->change == IDENTITY_OTHER_MACHINE && store_renew_terminal_secret(store, err) < 0))
		return -1;
	return chapter_begin(terminal, look->noted.key, err);
}

/* Looked at again in the transaction: another process may have settled it. */
static int settle(struct terminal *terminal, struct look *look, struct error *err)
{
	if (look_at_terminal(terminal, look, err) < 0)
		return -1;
	return look->change == IDENTITY_UNCHANGED ? note_marks(terminal->store, look, err)
						  : begin_anew(terminal, look, err);
}

static bool is_noted(const struct look *look)
{
	return look->change == IDENTITY_UNCHANGED && strcmp(look->noted.key, look->now.key) == 0 &&
	       (!*look->now.machine || *look->noted.machine) && (!*look->now.hardware || *look->noted.hardware);
}

/* The head of the history is signed with the new key at once. One that was tampered with before stays as it was signed, so that it
 * is found. */
static void tell(struct terminal *terminal, const struct look *look)
{
	struct error err = {0};

	if (look->change == IDENTITY_UNCHANGED)
		return;
	log_line(terminal->env->log, LOG_LEVEL_WARNING, "this terminal has a new key of its own: %s",
		changes[look->change].record);
	if (anchor_set(terminal, &err) < 0)
		log_line(terminal->env->log, LOG_LEVEL_ERROR, "%s", err.text);
}

int identity_settle(struct terminal *terminal, struct error *err)
{
	struct look look;

	if (look_at_terminal(terminal, &look, err) < 0)
		return -1;
	if (is_noted(&look))
		return 0;
	if (store_begin(terminal->store, err) < 0 ||
		store_end(terminal->store, settle(terminal, &look, err), err) < 0)
		return error_context(err, "whether this is the same terminal as before");
	tell(terminal, &look);
	return 0;
}

/* ---- The last change ---- */

static enum identity_change change_of_name(const char *name)
{
	int change = 0;

	while (change < IDENTITY_UNCHANGED && strcmp(changes[change].name, name) != 0)
		change++;
	return (enum identity_change)change;
}

int identity_find(struct store *store, struct identity *ret_identity, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(CHANGE_MAX_BYTES);
	struct identity identity = {.change = IDENTITY_UNCHANGED};
	char name[32], certificate[SHA256_HEX_SIZE], now[SHA256_HEX_SIZE] = "";

	if (store_setting(store, SETTING_CHANGE, &text, err) < 0 || chapter_each(store, take_certificate, now, err) < 0)
		return -1;
	if (sscanf(buf_text(&text), "%31s %" SCNd64 " %64s %64s", name, &identity.since_s, identity.former, certificate) == 4) {
		identity.change = change_of_name(name);
		identity.shares_certificate = strcmp(certificate, now) == 0;
		if (strcmp(identity.former, "-") == 0)
			*identity.former = '\0';
	}
	*ret_identity = identity;
	return 0;
}
