#include "tests/ledger/ledger_fixture.h"

#include <inttypes.h>
#include <stdio.h>

#include "tests/support/test.h"

void party_init(struct party *party, const char *name, enum vkey_type type)
{
	struct error err = {0};

	party->signer = signer_generate(KEY_ED25519, &err);
	assert_non_null(party->signer);
	assert_ok(vkey_of_signer(party->signer, name, type, &party->key, &err), &err);
}

void party_clear(struct party *party)
{
	signer_free(party->signer);
	party->signer = NULL;
}

struct span fixture_entry(uint64_t index, char ret_text[static 32])
{
	(void)snprintf(ret_text, 32, "entry %" PRIu64, index);
	return SPAN(ret_text);
}

void fixture_leaf(uint64_t index, struct sha256 *ret_hash)
{
	char text[32];
	struct span entry = fixture_entry(index, text);
	struct error err = {0};

	assert_ok(merkle_leaf(entry.at, entry.len, ret_hash, &err), &err);
}

void fixture_root(uint64_t start, uint64_t count, struct sha256 *ret_root)
{
	struct sha256 left, right;
	uint64_t split = 1;

	if (count == 0) {
		merkle_empty(ret_root);
	} else if (count == 1) {
		fixture_leaf(start, ret_root);
	} else {
		while (split * 2 < count)
			split *= 2;
		fixture_root(start, split, &left);
		fixture_root(start + split, count - split, &right);
		merkle_node(&left, &right, ret_root);
	}
}

struct span span_of(const struct buf *buf)
{
	return (struct span){buf_text(buf), buf->len};
}
