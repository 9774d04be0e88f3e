#include "tests/ledger/peer/peer_cases.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ledger/note/base64.h"
#include "ledger/note/cosignature.h"
#include "ledger/note/note.h"
#include "tests/ledger/peer/peer_sparse.h"

#define WORDS_MAX (6 + MERKLE_MAX_PATH)

/* ---- Making ---- */

static void print_hash(const struct sha256 *hash)
{
	AUTO(buf) struct buf text = BUF_INIT(64);

	if (base64_write(hash->bytes, SHA256_SIZE, &text, NULL) == 0)
		(void)printf(" %s", buf_text(&text));
}

static void print_path(const struct merkle_path *path)
{
	for (size_t i = 0; i < path->count; i++)
		print_hash(&path->hashes[i]);
	(void)putchar('\n');
}

/* The path as it is, and with one bit of it changed. */
static void print_both(const char *kind, const struct merkle_path *path, uint64_t at,
	void (*print_head)(void *context), void *context)
{
	struct merkle_path changed = *path;

	(void)printf("%s", kind);
	print_head(context);
	print_path(path);
	if (path->count == 0)
		return;
	changed.hashes[at % path->count].bytes[at % SHA256_SIZE] ^= 4;
	(void)printf("no-%s", kind);
	print_head(context);
	print_path(&changed);
}

struct head {
	uint64_t size, at;
	struct sha256 root, other;
};

static void print_inclusion_head(void *context)
{
	const struct head *head = context;

	(void)printf(" %" PRIu64, head->size);
	print_hash(&head->root);
	(void)printf(" %" PRIu64, head->at);
	print_hash(&head->other);
}

static void print_consistency_head(void *context)
{
	const struct head *head = context;

	(void)printf(" %" PRIu64, head->at);
	print_hash(&head->other);
	(void)printf(" %" PRIu64, head->size);
	print_hash(&head->root);
}

static int print_proofs(const struct merkle_source *source, struct head *head, struct error *err)
{
	struct merkle_path path;
	uint64_t index = head->at;

	if (source->hash(source->context, 0, index, &head->other, err) < 0 ||
		merkle_prove_inclusion(source, index, head->size, &path, err) < 0)
		return -1;
	print_both("inclusion", &path, index, print_inclusion_head, head);
	head->at = index + 1;
	if (merkle_root(source, head->at, &head->other, err) < 0 ||
		merkle_prove_consistency(source, head->at, head->size, &path, err) < 0)
		return -1;
	print_both("consistency", &path, index, print_consistency_head, head);
	return 0;
}

int peer_print_tree(const struct merkle_source *source, const char *name, uint64_t size, struct error *err)
{
	const uint64_t places[] = {0, 1, 2, 255, 256, 257, size / 3, size / 2, size - 2, size - 1};
	struct head head = {.size = size};

	if (merkle_root(source, size, &head.root, err) < 0)
		return -1;
	(void)printf("tree %s %" PRIu64, name, size);
	print_hash(&head.root);
	(void)putchar('\n');
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		head.at = places[i];
		if (places[i] < size && print_proofs(source, &head, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- Checking ---- */

struct words {
	size_t count;
	struct span words[WORDS_MAX];
};

static int malformed(struct error *err)
{
	return error_set(err, ERROR_INPUT, "a line that is not understood");
}

static int take_path(const struct words *words, size_t from, struct merkle_path *path, struct error *err)
{
	path->count = 0;
	for (size_t i = from; i < words->count; i++)
		if (path->count == MERKLE_MAX_PATH || !span_hash(words->words[i], &path->hashes[path->count++]))
			return malformed(err);
	return 0;
}

/* Of both kinds of proof: two numbers and two hashes, and the path behind them. */
static int check_inclusion(const struct words *words, struct error *err)
{
	struct merkle_path path;
	struct sha256 root, leaf;
	uint64_t size, index;

	if (words->count < 5 || !span_number(words->words[1], &size) || !span_hash(words->words[2], &root) ||
		!span_number(words->words[3], &index) || !span_hash(words->words[4], &leaf))
		return malformed(err);
	return take_path(words, 5, &path, err) < 0 ? -1
						   : merkle_check_inclusion(&leaf, index, size, &path, &root, err);
}

static int check_consistency(const struct words *words, struct error *err)
{
	struct sha256 old_root, root;
	struct merkle_path path;
	uint64_t old, size;

	if (words->count < 5 || !span_number(words->words[1], &old) || !span_hash(words->words[2], &old_root) ||
		!span_number(words->words[3], &size) || !span_hash(words->words[4], &root))
		return malformed(err);
	return take_path(words, 5, &path, err) < 0
		       ? -1
		       : merkle_check_consistency(old, &old_root, size, &root, &path, err);
}

static int hash_of(void *context, unsigned level, uint64_t index, struct sha256 *ret_hash, struct error *err)
{
	uint64_t base = *(const uint64_t *)context;
	struct sha256 left, right;
	char text[32];

	if (level == 0) {
		(void)snprintf(text, sizeof(text), index < base ? "same" : "entry %" PRIu64, index);
		return merkle_leaf(text, strlen(text), ret_hash, err);
	}
	if (hash_of(context, level - 1, 2 * index, &left, err) < 0)
		return -1;
	right = left; /* where all below are the same, half of the work is enough */
	if ((index + 1) << level > base && hash_of(context, level - 1, 2 * index + 1, &right, err) < 0)
		return -1;
	merkle_node(&left, &right, ret_hash);
	return 0;
}

static int check_tree(const struct words *words, struct error *err)
{
	uint64_t base = span_is(words->words[1], "sparse") ? PEER_SPARSE_BASE : 0, size;
	struct merkle_source source = {.hash = hash_of, .context = &base};
	struct sha256 root, expected;

	if (words->count != 4 || !span_number(words->words[2], &size) || !span_hash(words->words[3], &expected))
		return malformed(err);
	if (merkle_root(&source, size, &root, err) < 0)
		return -1;
	return sha256_equal(&root, &expected) ? 0 : error_set(err, ERROR_REFUSED, "another root");
}

/* A note in base64 as the last word, and the key as the second. */
static int open_note(const struct words *words, uint8_t bytes[static NOTE_MAX_BYTES], struct vkey *key,
	struct note *note, struct error *err)
{
	struct span last = words->words[words->count - 1];
	size_t len;

	if (words->count < 3 || vkey_parse(words->words[1], key, err) < 0 ||
		base64_read(last.at, last.len, bytes, NOTE_MAX_BYTES, &len, err) < 0)
		return -1;
	return note_parse((struct span){(const char *)bytes, len}, note, err);
}

static int check_note(const struct words *words, struct error *err)
{
	static uint8_t bytes[NOTE_MAX_BYTES];
	struct note note;
	struct vkey key;

	if (open_note(words, bytes, &key, &note, err) < 0)
		return -1;
	return note_check(&note, &key) == NOTE_SIGNED ? 0 : error_set(err, ERROR_REFUSED, "not signed");
}

static int check_cosigned(const struct words *words, struct error *err)
{
	static uint8_t bytes[NOTE_MAX_BYTES];
	int64_t time_s = -1;
	uint64_t expected;
	struct note note;
	struct vkey key;

	if (open_note(words, bytes, &key, &note, err) < 0)
		return -1;
	if (!span_number(words->words[2], &expected) || cosignature_check(&note, &key, &time_s) != NOTE_SIGNED ||
		time_s != (int64_t)expected)
		return error_set(err, ERROR_REFUSED, "not cosigned then");
	return 0;
}

static const struct {
	const char *word;
	int (*check)(const struct words *words, struct error *err);
} kinds[] = {
	{"tree", check_tree},
	{"inclusion", check_inclusion},
	{"consistency", check_consistency},
	{"note", check_note},
	{"cosigned", check_cosigned},
};

int peer_check_line(struct span line, struct error *err)
{
	struct words words = {.count = 0};
	struct span kind, word;
	bool negated;

	while (words.count < WORDS_MAX && span_take_word(&line, &word))
		words.words[words.count++] = word;
	if (words.count < 2)
		return malformed(err);
	kind = words.words[0];
	negated = span_take_prefix(&kind, "no-");
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (!span_is(kind, kinds[i].word))
			continue;
		if (!negated)
			return kinds[i].check(&words, err);
		if (kinds[i].check(&words, err) == 0)
			return error_set(err, ERROR_REFUSED, "it holds, though it should not");
		return err->code == ERROR_REFUSED ? 0 : -1;
	}
	return malformed(err);
}
