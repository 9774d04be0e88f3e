/* Tiles (c2sp.org/tlog-tiles): a log as static files. A tile holds 256 hashes of one level, each over 256 of the level
 * below; a bundle holds the entries of a tile of level 0, each behind its length in two bytes, the high one first. */
#ifndef LEDGER_TREE_TILE_H
#define LEDGER_TREE_TILE_H

#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"
#include "common/digest.h"
#include "common/error.h"

#define TILE_WIDTH 256
#define TILE_LEVELS 8 /* of tiles, in a tree of at most INT64_MAX leaves */
#define TILE_BYTES (TILE_WIDTH * SHA256_SIZE)
#define TILE_ENTRY_MAX_BYTES 65535
#define TILE_BUNDLE_MAX_BYTES (TILE_WIDTH * (2 + TILE_ENTRY_MAX_BYTES))
#define TILE_PATH_SIZE 64

/* Where the files are: a folder, a web server, or a test's memory. */
struct tile_store {
	/* Appends the whole file, within the limit of RET_BYTES. ERROR_NOT_FOUND where there is none. */
	int (*read)(void *context, const char *path, struct buf *ret_bytes, struct error *err);
	/* Makes or replaces the file, and its folders. When a power cut takes nothing of it back is for who owns the store. NULL
	 * for who only reads. */
	int (*write)(void *context, const char *path, const void *data, size_t len, struct error *err);
	void *context;
};

enum tile_kind { TILE_HASHES, TILE_BUNDLE };

struct tile {
	enum tile_kind kind;
	unsigned level; /* 0 for a bundle */
	uint64_t index; /* within the level */
	unsigned width; /* 1 to TILE_WIDTH; below that it is partial */
};

/* Such as "tile/1/x001/x234/067", or "tile/entries/000.p/12". */
void tile_path(const struct tile *tile, char ret_path[static TILE_PATH_SIZE]);
/* The folder of its partial forms: "tile/1/x001/x234/067.p". */
void tile_partial_folder(const struct tile *tile, char ret_path[static TILE_PATH_SIZE]);

/* How wide this tile is in a tree of SIZE leaves; 0 where it has none of it. */
unsigned tile_width_at(unsigned level, uint64_t index, uint64_t size);

/* Appends the file of TILE; where a partial one is gone, what the full one begins with is taken for it (hashes), or the
 * whole full one (a bundle). ERROR_REFUSED where its length is wrong. Nothing is verified. */
WARN_UNUSED int tile_read(
	const struct tile_store *store, const struct tile *tile, struct buf *ret_bytes, struct error *err);

/* Takes the next entry off a bundle, from *AT, which moves behind it. ERROR_REFUSED where it is cut. What is returned is
 * borrowed. */
WARN_UNUSED int tile_next_entry(
	const struct buf *bundle, size_t *at, const char **ret_entry, size_t *ret_len, struct error *err);

#endif
