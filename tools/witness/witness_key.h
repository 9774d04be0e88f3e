/* The witness's own key: one file (PKCS#8, PEM), which nobody but its owner may read. */
#ifndef TOOLS_WITNESS_WITNESS_KEY_H
#define TOOLS_WITNESS_WITNESS_KEY_H

#include "common/fs.h"
#include "manifests/keys/signer.h"

/* Makes a new key and writes it. ERROR_USAGE where the file is there already: a key is never written over. */
WARN_UNUSED int witness_key_make(struct fs *fs, const char *path, struct error *err);

/* ERROR_DENIED where others than the owner may read it. NULL on failure. */
struct signer *witness_key_read(struct fs *fs, const char *path, struct error *err);

#endif
