#include "tests/ledger/peer/peer_sparse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/tree/merkle.h"

static int full_hash(unsigned level, struct sha256 *ret_hash, struct error *err)
{
	if (merkle_leaf("same", 4, ret_hash, err) < 0)
		return -1;
	for (unsigned i = 0; i < level; i++)
		merkle_node(ret_hash, ret_hash, ret_hash);
	return 0;
}

/* 256, or what stands behind ".p/". */
static unsigned width_of(const char *path)
{
	const char *partial = strstr(path, ".p/");

	return partial ? (unsigned)atoi(partial + 3) : TILE_WIDTH;
}

static int make(const char *path, struct buf *ret_bytes, struct error *err)
{
	unsigned level;
	struct sha256 hash;

	if (sscanf(path, "tile/%u/", &level) != 1)
		level = 0;
	if (full_hash(8 * level, &hash, err) < 0)
		return -1;
	for (unsigned i = 0; i < width_of(path); i++)
		if (strncmp(path, "tile/entries/", 13) == 0 ? buf_append(ret_bytes, "\0\4same", 6, err) < 0
							    : buf_append(ret_bytes, hash.bytes, SHA256_SIZE, err) < 0)
			return -1;
	return 0;
}

static int read_file(void *context, const char *path, struct buf *ret_bytes, struct error *err)
{
	const struct peer_sparse *sparse = context;

	if (sparse->below->read(sparse->below->context, path, ret_bytes, err) == 0)
		return 0;
	return err->code == ERROR_NOT_FOUND ? make(path, ret_bytes, err) : -1;
}

static int write_file(void *context, const char *path, const void *data, size_t len, struct error *err)
{
	const struct peer_sparse *sparse = context;

	return sparse->below->write(sparse->below->context, path, data, len, err);
}

void peer_sparse_init(struct peer_sparse *ret_sparse, const struct tile_store *below)
{
	*ret_sparse = (struct peer_sparse){
		.below = below,
		.store = {.read = read_file, .write = write_file, .context = ret_sparse},
	};
}
