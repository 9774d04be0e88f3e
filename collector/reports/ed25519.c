#include "collector/reports/ed25519.h"

#include <sodium.h>

#include "manifests/keys/key.h"

static bool verify(const uint8_t public_key[static crypto_sign_PUBLICKEYBYTES], const void *data, size_t len,
	const uint8_t signature[static crypto_sign_BYTES])
{
	return crypto_sign_verify_detached(signature, data, len, public_key) == 0;
}

int ed25519_begin(struct error *err)
{
	if (sodium_init() < 0)
		return error_set(err, ERROR_FAILED, "libsodium cannot begin");
	key_use_ed25519(verify);
	return 0;
}
