/* Keys, entries, and trees computed the slow way, for the tests of the ledger. */
#ifndef TESTS_LEDGER_LEDGER_FIXTURE_H
#define TESTS_LEDGER_LEDGER_FIXTURE_H

#include "common/buf.h"
#include "common/digest.h"
#include "ledger/note/span.h"
#include "ledger/note/vkey.h"
#include "ledger/tree/merkle.h"
#include "manifests/keys/signer.h"

/* A log or a witness: its key, and its name with it. */
struct party {
	struct signer *signer;
	struct vkey key;
};

void party_init(struct party *party, const char *name, enum vkey_type type);
void party_clear(struct party *party);

/* Entry INDEX of the logs that tests make: a few bytes that no other has. */
struct span fixture_entry(uint64_t index, char ret_text[static 32]);
void fixture_leaf(uint64_t index, struct sha256 *ret_hash);

/* The root over entries START to START + COUNT, straight from the definition in RFC 6962. */
void fixture_root(uint64_t start, uint64_t count, struct sha256 *ret_root);

struct span span_of(const struct buf *buf);

#endif
