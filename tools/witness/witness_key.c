#include "tools/witness/witness_key.h"

#include <fcntl.h>

#include "manifests/token/private_key.h"

#define KEY_MAX_BYTES 16384

int witness_key_make(struct fs *fs, const char *path, struct error *err)
{
	AUTO(signer) struct signer *signer = NULL;
	AUTO(secret) struct buf pem = BUF_INIT(KEY_MAX_BYTES);

	if (private_key_is_in_token(path))
		return error_set(err, ERROR_USAGE,
			"a key in a token is made there: \"haishin-repo key new NAME --token URI\" does so");
	if (fs_exists(fs, AT_FDCWD, path))
		return error_set(err, ERROR_USAGE, "'%s' is there already; a key is not written over", path);
	if (!(signer = signer_generate(KEY_ED25519, err)) || signer_write(signer, NULL, &pem, err) < 0)
		return -1;
	return fs_write_file(fs, AT_FDCWD, path, pem.data, pem.len, 0600, err);
}

struct signer *witness_key_read(struct fs *fs, const char *key, const char *pin_file, struct error *err)
{
	const struct private_key_place place = {.key = key, .pin = pin_file};
	struct signer *signer = private_key_open(fs, &place, err);

	if (!signer)
		(void)error_context(err, "'%s'", key);
	return signer;
}
