/* The witness's own key: one file (PKCS#8, PEM), which nobody but its owner may read, or a key in a token. */
#ifndef TOOLS_WITNESS_WITNESS_KEY_H
#define TOOLS_WITNESS_WITNESS_KEY_H

#include "common/fs.h"
#include "manifests/keys/signer.h"

/* Makes a new key and writes it. ERROR_USAGE where the file is there already: a key is never written over. */
WARN_UNUSED int witness_key_make(struct fs *fs, const char *path, struct error *err);

/* The key in a file, or in a token: KEY is its URI then, and PIN_FILE, which may be NULL, holds the token's PIN. Fails as
 * private_key_open() does. */
struct signer *witness_key_read(struct fs *fs, const char *key, const char *pin_file, struct error *err);

#endif
