#include "tools/witness/witness_key.h"

#include <fcntl.h>

#include "common/access/trusted_file.h"

#define KEY_MAX_BYTES 16384

int witness_key_make(struct fs *fs, const char *path, struct error *err)
{
	AUTO(signer) struct signer *signer = NULL;
	AUTO(secret) struct buf pem = BUF_INIT(KEY_MAX_BYTES);

	if (fs_exists(fs, AT_FDCWD, path))
		return error_set(err, ERROR_USAGE, "'%s' is there already; a key is not written over", path);
	if (!(signer = signer_generate(KEY_ED25519, err)) || signer_write(signer, NULL, &pem, err) < 0)
		return -1;
	return fs_write_file(fs, AT_FDCWD, path, pem.data, pem.len, 0600, err);
}

struct signer *witness_key_read(struct fs *fs, const char *path, struct error *err)
{
	AUTO(secret) struct buf pem = BUF_INIT(KEY_MAX_BYTES);
	struct signer *signer;

	if (trusted_file_read_secret(fs, AT_FDCWD, path, &pem, err) < 0)
		return NULL;
	if (!(signer = signer_read(pem.data, pem.len, NULL, err)))
		(void)error_context(err, "'%s'", path);
	return signer;
}
