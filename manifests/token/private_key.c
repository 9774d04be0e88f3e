#include "manifests/token/private_key.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "common/access/trusted_file.h"
#include "manifests/token/token.h"

#define KEY_MOST_BYTES 65536
#define SECRET_MOST_BYTES 1024
#define PUBLIC_MOST_BYTES 4096

bool private_key_is_in_token(const char *key)
{
	return strncmp(key, "pkcs11:", strlen("pkcs11:")) == 0;
}

/* The first line of a file for its owner alone; nothing where none is named. */
static int read_secret(struct fs *fs, const char *what, const char *path, struct buf *ret_line, struct error *err)
{
	if (!path || !*path)
		return 0;
	if (trusted_file_read_secret(fs, AT_FDCWD, path, ret_line, err) < 0)
		return error_context(err, "%s", what);
	ret_line->len = strcspn(buf_text(ret_line), "\r\n");
	return ret_line->len ? 0 : error_set(err, ERROR_INPUT, "%s: '%s' is empty", what, path);
}

static struct signer *open_file(struct fs *fs, const struct private_key_place *place, struct error *err)
{
	AUTO(secret) struct buf pem = BUF_INIT(KEY_MOST_BYTES), passphrase = BUF_INIT(SECRET_MOST_BYTES);

	if (read_secret(fs, "passphrase", place->passphrase, &passphrase, err) < 0 ||
		trusted_file_read_secret(fs, AT_FDCWD, place->key, &pem, err) < 0)
		return NULL;
	return signer_read(pem.data, pem.len, &passphrase, err);
}

/* ---- In a token ---- */

struct kept_key {
	struct fs fs;
	char *uri, *pin_file;
	struct signer *signer; /* NULL while the token is away */
	struct buf public_der; /* another key in its place is none */
	pthread_mutex_t lock;
};

static void kept_key_free(void *context)
{
	struct kept_key *kept = context;

	if (!kept)
		return;
	signer_free(kept->signer);
	free(kept->uri);
	free(kept->pin_file);
	buf_clear(&kept->public_der);
	(void)pthread_mutex_destroy(&kept->lock);
	free(kept);
}
DEFINE_AUTO_PTR(kept_key, struct kept_key, kept_key_free);

static int give_pin(void *context, const char *token_label, struct buf *ret_pin, struct error *err)
{
	struct kept_key *kept = context;

	if (!kept->pin_file)
		return error_set(err, ERROR_INPUT, "token '%s' asks for a PIN, and no file is set that holds it", token_label);
	return read_secret(&kept->fs, "PIN", kept->pin_file, ret_pin, err);
}

static struct signer *open_token(struct kept_key *kept, struct error *err)
{
	const struct token_pin pin = {.ask = give_pin, .context = kept, .is_unattended = true};

	return token_signer(kept->uri, &pin, err);
}

static int open_again(struct kept_key *kept, struct error *err)
{
	AUTO(buf) struct buf public_der = BUF_INIT(PUBLIC_MOST_BYTES);
	AUTO(signer) struct signer *signer = open_token(kept, err);

	if (!signer || signer_public_der(signer, &public_der, err) < 0)
		return -1;
	if (public_der.len != kept->public_der.len ||
		memcmp(public_der.data, kept->public_der.data, public_der.len) != 0)
		return error_set(err, ERROR_INPUT, "the token holds another key under that name than before");
	kept->signer = take_ptr(&signer);
	return 0;
}

static int sign_once(struct kept_key *kept, const void *data, size_t len, unsigned char *ret_signature, size_t *ret_len,
	struct error *err)
{
	if (!kept->signer && open_again(kept, err) < 0)
		return -1;
	if (signer_sign_bytes(kept->signer, data, len, ret_signature, ret_len, err) == 0)
		return 0;
	/* All that is open of it is closed first: a library that lost its token often finds it again only then. */
	signer_free(kept->signer);
	kept->signer = NULL;
	return -1;
}

static int sign(void *context, enum key_kind kind, const void *data, size_t len, unsigned char *ret_signature,
	size_t *ret_len, struct error *err)
{
	struct kept_key *kept = context;
	struct error first = {0};
	int result;

	(void)kind;
	(void)pthread_mutex_lock(&kept->lock);
	result = sign_once(kept, data, len, ret_signature, ret_len, &first);
	if (result < 0)
		result = sign_once(kept, data, len, ret_signature, ret_len, err);
	(void)pthread_mutex_unlock(&kept->lock);
	return result;
}

static const struct signer_outside keeper = {.sign = sign, .free = kept_key_free};

static struct signer *keep(const struct private_key_place *place, struct error *err)
{
	AUTO(kept_key) struct kept_key *kept = calloc(1, sizeof(*kept));
	const struct buf *public_der;

	if (!kept) {
		(void)error_set(err, ERROR_FAILED, "no memory for a key");
		return NULL;
	}
	(void)pthread_mutex_init(&kept->lock, NULL);
	fs_init(&kept->fs);
	kept->public_der = (struct buf)BUF_INIT(PUBLIC_MOST_BYTES);
	kept->uri = strdup(place->key);
	kept->pin_file = place->pin && *place->pin ? strdup(place->pin) : NULL;
	if (!kept->uri || (place->pin && *place->pin && !kept->pin_file)) {
		(void)error_set(err, ERROR_FAILED, "no memory for a key");
		return NULL;
	}
	if (!(kept->signer = open_token(kept, err)) || signer_public_der(kept->signer, &kept->public_der, err) < 0)
		return NULL;
	public_der = &kept->public_der;
	return signer_from_outside(public_der->data, public_der->len, &keeper, take_ptr(&kept), err);
}

struct signer *private_key_open(struct fs *fs, const struct private_key_place *place, struct error *err)
{
	return private_key_is_in_token(place->key) ? keep(place, err) : open_file(fs, place, err);
}
