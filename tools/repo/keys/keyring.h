/* Key files: NAME.pem holds a private key (PKCS#8), or NAME.pkcs11 the URI of one in a token, NAME.pub.json its public half
 * as TUF writes it. A keyring is every key of some folders; private keys are opened when they are needed. */
#ifndef TOOLS_REPO_KEYS_KEYRING_H
#define TOOLS_REPO_KEYS_KEYRING_H

#include <stdbool.h>
#include <stddef.h>

#include "common/auto.h"
#include "common/error.h"
#include "common/fs.h"
#include "common/json.h"
#include "manifests/keys/key.h"
#include "manifests/keys/signer.h"
#include "common/command_line/args.h"

struct keyring_key {
	char *name; /* of the file, without folder and ending */
	char *path; /* of the public file */
	char id[KEY_ID_SIZE];
	json_t *public_key;
	bool has_private;
	bool in_token;	       /* so that its private file is NAME.pkcs11 */
	struct signer *signer; /* NULL until it was opened */
	struct buf unwritten;  /* the private file of a new key, or its URI; empty from keyring_keep on */
};

struct keyring {
	struct fs *fs;
	const struct args *args; /* where passphrases come from */
	struct keyring_key *keys;
	size_t count;
	struct buf passphrase; /* read from file or descriptor; empty if neither was given */
	bool has_passphrase;
	struct buf pin; /* of the token, in the same way */
	bool has_pin;
	struct buf
		asked; /* the last one typed: tried on the next key before asking again, and used for every new key */
};

/* Reads the public keys of every --keys folder. A folder that is missing is an error unless MAKE is true. */
WARN_UNUSED int keyring_init(
	struct keyring *keyring, struct fs *fs, const struct args *args, bool make, struct error *err);
void keyring_clear(struct keyring *keyring);
DEFINE_AUTO(keyring, struct keyring, keyring_clear);

/* NULL where it holds no such key. */
struct keyring_key *keyring_by_id(const struct keyring *keyring, const char *id);
struct keyring_key *keyring_by_name(const struct keyring *keyring, const char *name);

/* The private half, opened with the passphrase given, or asked for. ERROR_NOT_FOUND where the private file is not
 * here; ERROR_INPUT where the passphrase is wrong. Borrowed. */
struct signer *keyring_signer(struct keyring *keyring, struct keyring_key *key, struct error *err);

/* Makes a new key for the last --keys folder, encrypted unless PLAIN; refuses a name that is taken. It can sign, and
 * is nowhere but in memory: whoever makes a key first sees that all else can be done. Borrowed until the next. */
struct keyring_key *keyring_generate(
	struct keyring *keyring, const char *name, enum key_kind kind, bool plain, struct error *err);
/* The same with a key in the token that URI names: a new one under NAME, or, where MAKE is false, the one that URI names. What
 * was made stays in the token, whatever becomes of the files. */
struct keyring_key *keyring_take_from_token(
	struct keyring *keyring, const char *name, const char *uri, bool make, enum key_kind kind, struct error *err);
/* Writes the new keys, making the folder where it is missing. */
WARN_UNUSED int keyring_keep(struct keyring *keyring, struct error *err);

/* Reads one public key file, such as a vendor sent. A new reference; NULL on failure. */
json_t *keyring_read_public(struct fs *fs, const char *path, char ret_id[static KEY_ID_SIZE], struct error *err);

#endif
