#include "tools/repo/keys/keyring.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "common/access/trusted_file.h"
#include "tools/repo/keys/passphrase.h"

#define PUBLIC_ENDING ".pub.json"
#define PUBLIC_MAX_BYTES 65536
#define PRIVATE_MAX_BYTES 65536

json_t *keyring_read_public(struct fs *fs, const char *path, char ret_id[static KEY_ID_SIZE], struct error *err)
{
	AUTO(buf) struct buf bytes = BUF_INIT(PUBLIC_MAX_BYTES);
	AUTO(json) json_t *json = NULL;
	AUTO(key) struct key *key = NULL;

	if (fs_read_file(fs, AT_FDCWD, path, &bytes, err) < 0)
		return NULL;
	if (!(json = json_parse(bytes.data, bytes.len, err)) || !(key = key_parse(json, err)) ||
		key_id_of(json, ret_id, err) < 0) {
		(void)error_context(err, "public key '%s'", path);
		return NULL;
	}
	return take_ptr(&json);
}

/* NAME.pem beside NAME.pub.json. */
static char *private_path(const struct keyring_key *key)
{
	char *path = NULL;

	if (asprintf(&path, "%.*s.pem", (int)(strlen(key->path) - strlen(PUBLIC_ENDING)), key->path) < 0)
		return NULL;
	return path;
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
	AUTO(free) char *private_file = key ? private_path(key) : NULL;

	if (!key)
		return -1;
	if (!private_file)
		return error_set(err, ERROR_FAILED, "no memory for keys");
	key->has_private = fs_exists(keyring->fs, AT_FDCWD, private_file);
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
		.asked = BUF_INIT(PASSPHRASE_MAX_BYTES)};
	for (size_t i = 0; (folder = args_nth(args, "keys", i)); i++)
		if (read_folder(keyring, folder, make, err) < 0)
			return -1;
	if (keyring->count)
		qsort(keyring->keys, keyring->count, sizeof(*keyring->keys), compare_names);
	return passphrase_from_options(args, &keyring->passphrase, &keyring->has_passphrase, err);
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

struct signer *keyring_signer(struct keyring *keyring, struct keyring_key *key, struct error *err)
{
	AUTO(secret) struct buf pem = BUF_INIT(PRIVATE_MAX_BYTES);
	AUTO(free) char *path = private_path(key);
	AUTO(signer) struct signer *signer = NULL;

	if (key->signer)
		return key->signer;
	if (!path || trusted_file_read_secret(keyring->fs, AT_FDCWD, path, &pem, err) < 0)
		return NULL;
	if (!(signer = open_private(keyring, &pem, path, err))) {
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

struct keyring_key *keyring_generate(
	struct keyring *keyring, const char *name, enum key_kind kind, bool plain, struct error *err)
{
	const char *folder = args_get(keyring->args, "keys");
	AUTO(free) char *private_file = NULL;
	struct keyring_key *key;

	if (!folder || !is_key_name(name)) {
		(void)error_set(err, ERROR_USAGE,
			folder ? "key name '%.60s' is not letters, digits, '-', '_' and '.'"
			       : "key '%.60s': --keys is missing",
			name);
		return NULL;
	}
	if (!(key = add_key(keyring, folder, name, strlen(name), err)) || !(private_file = private_path(key)))
		return NULL;
	if (fs_exists(keyring->fs, AT_FDCWD, private_file) || fs_exists(keyring->fs, AT_FDCWD, key->path)) {
		(void)error_set(err, ERROR_USAGE, "there is a key '%s' in '%s' already", name, folder);
		return NULL;
	}
	if (!(key->signer = signer_generate(kind, err)) || !(key->public_key = signer_public_key(key->signer, err)) ||
		close_private(keyring, key, plain, err) < 0)
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
