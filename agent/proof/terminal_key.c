#include "agent/proof/terminal_key.h"

#include <fcntl.h>
#include <string.h>

#include "common/text.h"

#define PEM_MAX_BYTES 4096
#define DAMAGED_FILE TERMINAL_KEY_FILE ".damaged"
#define SETTING_KEY "identity.key"
#define SETTING_FORMER "identity.former"

/* A name that is there and leads nowhere is not found. */
static bool is_damage(enum error_code code)
{
	return code == ERROR_INPUT || code == ERROR_REFUSED || code == ERROR_NOT_FOUND;
}

/* What cannot be read as a key is ERROR_DAMAGED; what cannot be read at all is not. */
static struct signer *read_key(struct fs *fs, int state_fd, struct error *err)
{
	AUTO(secret) struct buf pem = BUF_INIT(PEM_MAX_BYTES);
	struct error why = {0};
	struct signer *signer = NULL;

	if (fs_read_file(fs, state_fd, TERMINAL_KEY_FILE, &pem, &why) == 0)
		signer = signer_read(pem.data, pem.len, NULL, &why);
	if (!signer)
		(void)error_set(err, is_damage(why.code) ? ERROR_DAMAGED : why.code, "%s", why.text);
	return signer;
}

static struct signer *make_key(struct fs *fs, int state_fd, struct error *err)
{
	AUTO(signer) struct signer *signer = signer_generate(KEY_ED25519, err);
	AUTO(secret) struct buf pem = BUF_INIT(PEM_MAX_BYTES);

	if (!signer || signer_write(signer, NULL, &pem, err) < 0 ||
		fs_write_file(fs, state_fd, TERMINAL_KEY_FILE, pem.data, pem.len, 0600, err) < 0)
		return NULL;
	return take_ptr(&signer);
}

/* What was made once is not made again in silence. */
static int refuse_another(struct terminal *terminal, struct error *err)
{
	char noted[KEY_ID_SIZE];

	if (terminal_key_noted(terminal->store, noted, err) < 0)
		return -1;
	return *noted ? error_set(err, ERROR_DAMAGED,
				"it is gone; haishind makes another one at its next start, or before its next work")
		      : 0;
}

/* Two processes that begin at the same time make one key. */
static struct signer *read_or_make_key(struct terminal *terminal, int state_fd, struct error *err)
{
	struct fs *fs = terminal->env->fs;
	AUTO(fd) int lock_fd = -1;

	if (fs_exists(fs, state_fd, TERMINAL_KEY_FILE))
		return read_key(fs, state_fd, err);
	if (refuse_another(terminal, err) < 0 || (lock_fd = fs_lock(fs, state_fd, TERMINAL_KEY_FILE ".lock", true, err)) < 0)
		return NULL;
	return fs_exists(fs, state_fd, TERMINAL_KEY_FILE) ? read_key(fs, state_fd, err) : make_key(fs, state_fd, err);
}

/* As long as the new one is not written, the former stands where it stood, or beside it. */
static struct signer *put_new_key(struct terminal *terminal, int state_fd, struct error *err)
{
	struct fs *fs = terminal->env->fs;
	AUTO(fd) int lock_fd = fs_lock(fs, state_fd, TERMINAL_KEY_FILE ".lock", true, err);
	AUTO(signer) struct signer *former = NULL;
	struct error why = {0};

	if (lock_fd < 0)
		return NULL;
	if (fs_exists(fs, state_fd, TERMINAL_KEY_FILE) && !(former = read_key(fs, state_fd, &why)) &&
		(fs_remove_tree(fs, state_fd, DAMAGED_FILE, err) < 0 ||
			fs_rename(fs, state_fd, TERMINAL_KEY_FILE, DAMAGED_FILE, err) < 0))
		return NULL;
	return make_key(fs, state_fd, err);
}

typedef struct signer *with_state_folder(struct terminal *terminal, int state_fd, struct error *err);

static struct signer *get_key(struct terminal *terminal, with_state_folder *get, struct error *err)
{
	AUTO(fd) int state_fd = fs_open_dir(terminal->env->fs, AT_FDCWD, terminal->config->state_path, err);
	struct signer *signer = state_fd < 0 ? NULL : get(terminal, state_fd, err);

	if (!signer)
		(void)error_context(
			err, "the terminal's own key, %s/" TERMINAL_KEY_FILE, terminal->config->state_path);
	return signer;
}

struct signer *terminal_key_load(struct terminal *terminal, struct error *err)
{
	return get_key(terminal, read_or_make_key, err);
}

struct signer *terminal_key_renew(struct terminal *terminal, struct error *err)
{
	return get_key(terminal, put_new_key, err);
}

struct key *terminal_key_public(struct terminal *terminal, struct error *err)
{
	AUTO(signer) struct signer *signer = terminal_key_load(terminal, err);
	AUTO(json) json_t *object = signer ? signer_public_key(signer, err) : NULL;

	return object ? key_parse(object, err) : NULL;
}

bool terminal_key_is_there(struct terminal *terminal)
{
	AUTO(fd) int state_fd = fs_open_dir(terminal->env->fs, AT_FDCWD, terminal->config->state_path, NULL);

	return state_fd >= 0 && fs_exists(terminal->env->fs, state_fd, TERMINAL_KEY_FILE);
}

/* ---- What is known of it ---- */

int terminal_key_noted(struct store *store, char ret_id[static KEY_ID_SIZE], struct error *err)
{
	AUTO(buf) struct buf id = BUF_INIT(KEY_ID_SIZE);

	if (store_setting(store, SETTING_KEY, &id, err) < 0)
		return -1;
	text_cut(buf_text(&id), ret_id, KEY_ID_SIZE);
	return 0;
}

int terminal_key_former(struct store *store, struct key_names *ret_names, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(KEY_NAMES_MAX_BYTES);

	if (store_setting(store, SETTING_FORMER, &text, err) < 0)
		return -1;
	key_names_read(buf_text(&text), ret_names);
	return 0;
}

static int note_former(struct store *store, const char *id, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(KEY_NAMES_MAX_BYTES);
	struct key_names names;

	if (terminal_key_former(store, &names, err) < 0)
		return -1;
	key_names_add(&names, id);
	return key_names_write(&names, &text, err) < 0 ? -1
						       : store_set_setting(store, SETTING_FORMER, buf_text(&text), err);
}

int terminal_key_note(struct store *store, const char *id, struct error *err)
{
	char former[KEY_ID_SIZE];

	if (terminal_key_noted(store, former, err) < 0)
		return -1;
	if (strcmp(former, id) == 0)
		return 0;
	return *former && note_former(store, former, err) < 0 ? -1 : store_set_setting(store, SETTING_KEY, id, err);
}
