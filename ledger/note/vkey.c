#include "ledger/note/vkey.h"

#include <string.h>

#include "common/digest.h"
#include "common/hex.h"
#include "common/json.h"
#include "common/text.h"
#include "ledger/note/base64.h"
#include "manifests/keys/key.h"

/* Unicode's spaces beyond ASCII, in UTF-8. U+2000 to U+200A are looked for apart. */
static const char *const wide_spaces[] = {"\xc2\x85", "\xc2\xa0", "\xe1\x9a\x80", "\xe2\x80\xa8", "\xe2\x80\xa9",
	"\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80"};

static bool begins_with_space(const char *text, size_t len)
{
	if ((unsigned char)*text <= ' ' || *text == 0x7f)
		return true;
	if (len >= 3 && memcmp(text, "\xe2\x80", 2) == 0 && (unsigned char)text[2] >= 0x80 &&
		(unsigned char)text[2] <= 0x8a)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(wide_spaces); i++)
		if (len >= strlen(wide_spaces[i]) && memcmp(text, wide_spaces[i], strlen(wide_spaces[i])) == 0)
			return true;
	return false;
}

bool vkey_name_is_valid(struct span name)
{
	if (name.len == 0 || name.len >= VKEY_NAME_SIZE || !text_is_utf8(name.at, name.len))
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (name.at[i] == '+' || begins_with_space(name.at + i, name.len - i))
			return false;
	return true;
}

/* Fills in the id: what the name, the type and the key make together. */
static int set_id(struct vkey *key, struct error *err)
{
	AUTO(digest) struct digest *digest = digest_new(DIGEST_SHA256, err);
	uint8_t type = (uint8_t)key->type;
	struct sha256 hash;

	if (!digest)
		return -1;
	digest_update(digest, key->name, strlen(key->name));
	digest_update(digest, "\n", 1);
	digest_update(digest, &type, 1);
	digest_update(digest, key->public_key, sizeof(key->public_key));
	digest_finish(digest, hash.bytes);
	memcpy(key->id, hash.bytes, sizeof(key->id));
	return 0;
}

int vkey_of_signer(
	const struct signer *signer, const char *name, enum vkey_type type, struct vkey *ret_key, struct error *err)
{
	AUTO(json) json_t *object = signer_public_key(signer, err);
	struct vkey key = {.type = type};
	const char *keytype, *public_text;
	const json_t *keyval;

	if (!object || json_want_string(object, "keytype", &keytype, err) < 0 ||
		json_want_object(object, "keyval", &keyval, err) < 0 ||
		json_want_string(keyval, "public", &public_text, err) < 0)
		return -1;
	if (strcmp(keytype, "ed25519") != 0)
		return error_set(err, ERROR_INPUT, "a ledger is signed with an Ed25519 key; this one is %s", keytype);
	if (!vkey_name_is_valid(SPAN(name)) || !span_copy(SPAN(name), key.name, sizeof(key.name)))
		return error_set(err, ERROR_INPUT, "a key cannot be called '%.64s'", name);
	if (hex_decode(public_text, key.public_key, sizeof(key.public_key), err) < 0 || set_id(&key, err) < 0)
		return -1;
	*ret_key = key;
	return 0;
}

/* Splits off what stands before the next plus sign. */
static bool take_part(struct span *rest, struct span *ret_part)
{
	const char *plus = rest->len ? memchr(rest->at, '+', rest->len) : NULL;

	if (!plus)
		return false;
	*ret_part = (struct span){rest->at, (size_t)(plus - rest->at)};
	*rest = (struct span){plus + 1, rest->len - ret_part->len - 1};
	return true;
}

static int read_material(struct span text, struct vkey *key, struct error *err)
{
	uint8_t material[4096];
	size_t len;

	if (base64_read(text.at, text.len, material, sizeof(material), &len, err) < 0 || len == 0)
		return error_set(err, ERROR_INPUT, "what stands behind the second '+' of a key is not base64");
	if (material[0] != VKEY_NOTE && material[0] != VKEY_COSIGNATURE)
		return error_set(
			err, ERROR_INPUT, "keys of type %#04x are not known here: 0x01 and 0x04 are", material[0]);
	if (len != 1 + VKEY_PUBLIC_BYTES)
		return error_set(
			err, ERROR_INPUT, "an Ed25519 key has %d bytes, not %zu", VKEY_PUBLIC_BYTES, len - 1);
	key->type = material[0];
	memcpy(key->public_key, material + 1, VKEY_PUBLIC_BYTES);
	return 0;
}

int vkey_parse(struct span text, struct vkey *ret_key, struct error *err)
{
	struct span name, id;
	struct vkey key = {0};
	char digits[2 * VKEY_ID_BYTES + 1], expected[2 * VKEY_ID_BYTES + 1];

	if (!take_part(&text, &name) || !take_part(&text, &id))
		return error_set(err, ERROR_INPUT, "a key is written NAME+ID+BASE64");
	if (!vkey_name_is_valid(name) || !span_copy(name, key.name, sizeof(key.name)))
		return error_set(err, ERROR_INPUT, "what stands before the first '+' of a key is not a name");
	if (read_material(text, &key, err) < 0 || set_id(&key, err) < 0)
		return -1;
	hex_encode(key.id, sizeof(key.id), expected);
	if (!span_copy(id, digits, sizeof(digits)) || strcmp(digits, expected) != 0)
		return error_set(err, ERROR_INPUT, "the id of key '%.64s' is %s, not %.*s", key.name, expected,
			(int)(id.len < 16 ? id.len : 16), id.at);
	*ret_key = key;
	return 0;
}

int vkey_write(const struct vkey *key, struct buf *ret_text, struct error *err)
{
	uint8_t material[1 + VKEY_PUBLIC_BYTES] = {(uint8_t)key->type};
	char digits[2 * VKEY_ID_BYTES + 1];

	memcpy(material + 1, key->public_key, VKEY_PUBLIC_BYTES);
	hex_encode(key->id, sizeof(key->id), digits);
	if (buf_printf(ret_text, err, "%s+%s+", key->name, digits) < 0)
		return -1;
	return base64_write(material, sizeof(material), ret_text, err);
}

int vkey_sign(const struct signer *signer, const void *data, size_t len,
	uint8_t ret_signature[static VKEY_SIGNATURE_BYTES], struct error *err)
{
	AUTO(buf) struct buf hex = BUF_INIT(4096);

	if (signer_sign(signer, data, len, &hex, err) < 0)
		return -1;
	return hex_decode(buf_text(&hex), ret_signature, VKEY_SIGNATURE_BYTES, err);
}

bool vkey_verify(
	const struct vkey *key, const void *data, size_t len, const uint8_t signature[static VKEY_SIGNATURE_BYTES])
{
	AUTO(key) struct key *checker = key_of_ed25519(key->public_key, NULL);
	char hex[2 * VKEY_SIGNATURE_BYTES + 1];

	hex_encode(signature, VKEY_SIGNATURE_BYTES, hex);
	return checker && key_verify(checker, data, len, hex);
}
