#include "tools/repo/keys/keyring.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "common/access/trusted_file.h"
#include "manifests/token/token.h"
#include "tools/repo/keys/passphrase.h"

#define PUBLIC_ENDING ".pub.json"
#define PEM_ENDING ".pem"
#define TOKEN_ENDING ".pkcs11"
#define PUBLIC_MAX_BYTES 65536
#define PRIVATE_MAX_BYTES 65536

json_t *keyring_read_public(struct fs *fs, const char *path, char ret_id[static KEY_ID_SIZE], struct error *err)
{
	AUTO(buf) struct buf bytes = BUF_INIT(PUBLIC_MAX_BYTES);
	AUTO(json) json_t *json = NULL;
	AUTO(key) struct key *key = NULL;

	if (fs_read_given(fs, path, &bytes, err) < 0)
		return NULL;
	if (!(json = json_parse(bytes.data, bytes.len, err)) || !(key = key_parse(json, err)) ||
		key_id_of(json, ret_id, err) < 0) {
		(void)error_context(err, "public key '%s'", path);
		return NULL;
	}
	return take_ptr(&json);
}

/* NAME with ENDING beside NAME.pub.json. */
static char *path_beside(const struct keyring_key *key, const char *ending)
{
	char *path = NULL;

	if (asprintf(&path, "%.*s%s", (int)(strlen(key->path) - strlen(PUBLIC_ENDING)), key->path, ending) < 0)
		return NULL;
	return path;
}

static char *private_path(const struct keyring_key *key)
{
	return path_beside(key, key->in_token ? TOKEN_ENDING : PEM_ENDING);
}

/* A place for the key NAME of FOLDER, of which nothing else is known yet. */
static struct keyring_key *add_key(
	struct keyring *keyring, const char *folder, const char *name, size_t name_len, struct error *err)
{
	struct keyring_key *keys = reallocarray(keyring->keys, keyring->count + 1, sizeof(*keys));
	struct keyring_key *key;

	if (!keys) {
		(void)error_set(err, ERROR_FAILED, "no memory for keys");
		return NULL;
	}
	keyring->keys = keys;
	key = &keys[keyring->count++];
	*key = (struct keyring_key){.unwritten = BUF_INIT(PRIVATE_MAX_BYTES)};
	if (asprintf(&key->path, "%s/%.*s" PUBLIC_ENDING, folder, (int)name_len, name) < 0)
		key->path = NULL;
	if (key->path && (key->name = strndup(name, name_len)))
		return key;
	(void)error_set(err, ERROR_FAILED, "no memory for keys");
	return NULL;
}

static int read_key(struct keyring *keyring, const char *folder, const char *file, struct error *err)
{
	struct keyring_key *key = add_key(keyring, folder, file, strlen(file) - strlen(PUBLIC_ENDING), err);
	AUTO(free) char *pem_file = key ? path_beside(key, PEM_ENDING) : NULL;
	AUTO(free) char *token_file = key ? path_beside(key, TOKEN_ENDING) : NULL;

	if (!key)
		return -1;
	if (!pem_file || !token_file)
		return error_set(err, ERROR_FAILED, "no memory for keys");
	key->in_token = fs_exists(keyring->fs, AT_FDCWD, token_file);
	key->has_private = key->in_token || fs_exists(keyring->fs, AT_FDCWD, pem_file);
	return (key->public_key = keyring_read_public(keyring->fs, key->path, key->id, err)) ? 0 : -1;
}

struct reading {
	struct keyring *keyring;
	const char *folder;
};

static int read_entry(void *context, int dir_fd, const char *name, struct error *err)
{
	const struct reading *reading = context;
	size_t len = strlen(name);

	(void)dir_fd;
	if (name[0] == '.' || len <= strlen(PUBLIC_ENDING) ||
		strcmp(name + len - strlen(PUBLIC_ENDING), PUBLIC_ENDING) != 0)
		return 0;
	return read_key(reading->keyring, reading->folder, name, err);
}

static int read_folder(struct keyring *keyring, const char *folder, bool may_be_missing, struct error *err)
{
	struct reading reading = {.keyring = keyring, .folder = folder};
	struct error why = {0};
	int fd = fs_open_dir(keyring->fs, AT_FDCWD, folder, &why);

	if (fd < 0 && why.code == ERROR_NOT_FOUND && may_be_missing)
		return 0;
	if (fd < 0)
		return error_system(err, why.sys, "cannot open the folder of keys '%s'", folder);
	return fs_each_in(keyring->fs, fd, folder, read_entry, &reading, err);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(((const struct keyring_key *)a)->name, ((const struct keyring_key *)b)->name);
}

int keyring_init(struct keyring *keyring, struct fs *fs, const struct args *args, bool make, struct error *err)
{
	const char *folder;

	*keyring = (struct keyring){.fs = fs,
		.args = args,
		.passphrase = BUF_INIT(PASSPHRASE_MAX_BYTES),
		.pin = BUF_INIT(TOKEN_PIN_MAX_BYTES),
		.asked = BUF_INIT(PASSPHRASE_MAX_BYTES)};
	for (size_t i = 0; (folder = args_nth(args, "keys", i)); i++)
		if (read_folder(keyring, folder, make, err) < 0)
			return -1;
	if (keyring->count)
		qsort(keyring->keys, keyring->count, sizeof(*keyring->keys), compare_names);
	if (passphrase_from_options(args, &keyring->passphrase, &keyring->has_passphrase, err) < 0)
		return -1;
	return pin_from_options(args, &keyring->pin, &keyring->has_pin, err);
}

void keyring_clear(struct keyring *keyring)
{
	for (size_t i = 0; i < keyring->count; i++) {
		free(keyring->keys[i].name);
		free(keyring->keys[i].path);
		json_decref(keyring->keys[i].public_key);
		signer_free(keyring->keys[i].signer);
		buf_wipe(&keyring->keys[i].unwritten);
	}
	free(keyring->keys);
	buf_wipe(&keyring->passphrase);
	buf_wipe(&keyring->pin);
	buf_wipe(&keyring->asked);
}

struct keyring_key *keyring_by_id(const struct keyring *keyring, const char *id)
{
	struct keyring_key *found = NULL;

	for (size_t i = 0; i < keyring->count; i++)
		if (strcmp(keyring->keys[i].id, id) == 0 && (!found || keyring->keys[i].has_private))
			found = &keyring->keys[i];
	return found;
}

struct keyring_key *keyring_by_name(const struct keyring *keyring, const char *name)
{
	for (size_t i = 0; i < keyring->count; i++)
		if (strcmp(keyring->keys[i].name, name) == 0)
			return &keyring->keys[i];
	return NULL;
}

static struct signer *open_with_the_given(const struct keyring *keyring, const struct buf *pem, struct error *err)
{
	struct error why = {0};
	struct signer *signer = signer_read(pem->data, pem->len, &keyring->passphrase, &why);

	if (!signer)
		(void)error_set(err, why.code,
			"%.300s; one passphrase is given for all keys: where keys have different ones, keep them in "
			"folders of their own, or be asked for each at a terminal",
			why.text);
	return signer;
}

static struct signer *open_private(
	struct keyring *keyring, const struct buf *pem, const char *path, struct error *err)
{
	bool encrypted = strstr(buf_text(pem), "BEGIN ENCRYPTED PRIVATE KEY") != NULL;
	struct signer *signer;

	if (!encrypted)
		return signer_read(pem->data, pem->len, NULL, err);
	if (keyring->has_passphrase)
		return open_with_the_given(keyring, pem, err);
	if (keyring->asked.len && (signer = signer_read(pem->data, pem->len, &keyring->asked, NULL)))
		return signer;
	buf_wipe(&keyring->asked);
	if (passphrase_ask(path, false, &keyring->asked, err) < 0)
		return NULL;
	return signer_read(pem->data, pem->len, &keyring->asked, err);
}

static int give_pin(void *context, const char *token_label, struct buf *ret_pin, struct error *err)
{
	const struct keyring *keyring = context;

	return keyring->has_pin ? buf_append(ret_pin, keyring->pin.data, keyring->pin.len, err)
				: pin_ask(token_label, ret_pin, err);
}

/* The file names a library that is loaded: nobody else may have written it. */
static struct signer *open_in_token(struct keyring *keyring, const char *path, struct error *err)
{
	struct token_pin pin = {.ask = give_pin, .context = keyring};
	AUTO(buf) struct buf uri = BUF_INIT(PRIVATE_MAX_BYTES);

	if (trusted_file_read(keyring->fs, AT_FDCWD, path, &uri, err) < 0)
		return NULL;
	if (uri.len)
		uri.data[strcspn(uri.data, "\r\n")] = '\0';
	return token_signer(buf_text(&uri), &pin, err);
}

static struct signer *open_file(struct keyring *keyring, const char *path, struct error *err)
{
	AUTO(secret) struct buf pem = BUF_INIT(PRIVATE_MAX_BYTES);

	if (trusted_file_read_secret(keyring->fs, AT_FDCWD, path, &pem, err) < 0)
		return NULL;
	return open_private(keyring, &pem, path, err);
}

struct signer *keyring_signer(struct keyring *keyring, struct keyring_key *key, struct error *err)
{
	AUTO(free) char *path = private_path(key);
	AUTO(signer) struct signer *signer = NULL;

	if (key->signer)
		return key->signer;
	if (!path) {
		(void)error_set(err, ERROR_FAILED, "no memory for a key");
		return NULL;
	}
	if (!(signer = key->in_token ? open_in_token(keyring, path, err) : open_file(keyring, path, err))) {
		(void)error_context(err, "private key '%s'", path);
		return NULL;
	}
	if (strcmp(signer_key_id(signer), key->id) != 0) {
		(void)error_set(err, ERROR_INPUT, "private key '%s' does not belong to '%s'", path, key->path);
		return NULL;
	}
	key->signer = take_ptr(&signer);
	return key->signer;
}

/* The private half as its file will hold it, closed with the passphrase given, or asked for. */
static int close_private(struct keyring *keyring, struct keyring_key *key, bool plain, struct error *err)
{
	const struct buf *passphrase = plain			 ? NULL
				       : keyring->has_passphrase ? &keyring->passphrase
								 : &keyring->asked;
	AUTO(free) char *path = private_path(key);

	if (!path)
		return error_set(err, ERROR_FAILED, "no memory for a key");
	if (passphrase == &keyring->asked && passphrase->len == 0 &&
		passphrase_ask(path, true, &keyring->asked, err) < 0)
		return -1;
	return signer_write(key->signer, passphrase, &key->unwritten, err);
}

static bool is_key_name(const char *name)
{
	return *name && *name != '.' &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") == strlen(name);
}

/* A place for a new key; refuses a name that is taken. */
static struct keyring_key *new_key(struct keyring *keyring, const char *name, struct error *err)
{
	const char *folder = args_get(keyring->args, "keys");
	AUTO(free) char *pem_file = NULL;
	AUTO(free) char *token_file = NULL;
	struct keyring_key *key;

	if (!folder || !is_key_name(name)) {
		(void)error_set(err, ERROR_USAGE,
			folder ? "key name '%.60s' is not letters, digits, '-', '_' and '.'"
			       : "key '%.60s': --keys is missing",
			name);
		return NULL;
	}
	if (!(key = add_key(keyring, folder, name, strlen(name), err)) ||
		!(pem_file = path_beside(key, PEM_ENDING)) || !(token_file = path_beside(key, TOKEN_ENDING)))
		return NULL;
	if (fs_exists(keyring->fs, AT_FDCWD, pem_file) || fs_exists(keyring->fs, AT_FDCWD, token_file) ||
		fs_exists(keyring->fs, AT_FDCWD, key->path)) {
		(void)error_set(err, ERROR_USAGE, "there is a key '%s' in '%s' already", name, folder);
		return NULL;
	}
	return key;
}

struct keyring_key *keyring_generate(
	struct keyring *keyring, const char *name, enum key_kind kind, bool plain, struct error *err)
{
	struct keyring_key *key = new_key(keyring, name, err);

	if (!key)
		return NULL;
	if (!(key->signer = signer_generate(kind, err)) || !(key->public_key = signer_public_key(key->signer, err)) ||
		close_private(keyring, key, plain, err) < 0)
		return NULL;
	(void)snprintf(key->id, sizeof(key->id), "%s", signer_key_id(key->signer));
	key->has_private = true;
	return key;
}

struct keyring_key *keyring_take_from_token(
	struct keyring *keyring, const char *name, const char *uri, bool make, enum key_kind kind, struct error *err)
{
	struct keyring_key *key = new_key(keyring, name, err);
	struct token_pin pin = {.ask = give_pin, .context = keyring};
	AUTO(free) char *made_uri = NULL;

	if (!key)
		return NULL;
	key->in_token = true;
	key->signer = make ? token_generate(uri, name, kind, &pin, &made_uri, err) : token_signer(uri, &pin, err);
	if (!key->signer || !(key->public_key = signer_public_key(key->signer, err)) ||
		buf_printf(&key->unwritten, err, "%s\n", make ? made_uri : uri) < 0)
		return NULL;
	(void)snprintf(key->id, sizeof(key->id), "%s", signer_key_id(key->signer));
	key->has_private = true;
	return key;
}

static int write_public(const struct keyring *keyring, const struct keyring_key *key, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(PUBLIC_MAX_BYTES);

	if (json_write_pretty(key->public_key, &text, err) < 0 || buf_append(&text, "\n", 1, err) < 0)
		return -1;
	return fs_write_file(keyring->fs, AT_FDCWD, key->path, text.data, text.len, 0644, err);
}

/* The private half alone would keep its name from the next attempt. */
static int write_key(const struct keyring *keyring, struct keyring_key *key, struct error *err)
{
	AUTO(free) char *private_file = private_path(key);

	if (!private_file)
		return error_set(err, ERROR_FAILED, "no memory for a key");
	if (fs_write_file(keyring->fs, AT_FDCWD, private_file, key->unwritten.data, key->unwritten.len, 0600, err) <
		0)
		return -1;
	if (write_public(keyring, key, err) < 0) {
		(void)!fs_remove(keyring->fs, AT_FDCWD, private_file, NULL);
		return -1;
	}
	buf_wipe(&key->unwritten);
	return 0;
}

int keyring_keep(struct keyring *keyring, struct error *err)
{
	for (size_t i = 0; i < keyring->count; i++) {
		struct keyring_key *key = &keyring->keys[i];

		if (key->unwritten.len &&
			(fs_make_dirs(keyring->fs, AT_FDCWD, args_get(keyring->args, "keys"), 0700, err) < 0 ||
				write_key(keyring, key, err) < 0))
			return -1;
	}
	return 0;
}
