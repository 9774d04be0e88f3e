/* Every block write of a disk, recorded in order: qemu-storage-daemon shows the disk as a file and logs what is
 * written to it, in the form of the kernel's dm-log-writes. What cannot be done ends the program. */
#ifndef TESTS_PROOFS_BLOCK_LOG_H
#define TESTS_PROOFS_BLOCK_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "tests/support/program.h"

struct recorder {
	struct program daemon;
	char shown[300]; /* the disk as a file; what is written here is recorded */
};

/* NULL, or what this machine lacks. */
const char *recorder_begin(void);
/* Shows the disk in the file DISK, recording into the new file LOG. */
void recorder_start(struct recorder *recorder, const char *disk, const char *log);
/* When nothing is mounted from it any more. */
void recorder_stop(struct recorder *recorder);

struct block_write {
	uint64_t at;	     /* on the disk */
	uint64_t len;	     /* 0 for a flush alone */
	const uint8_t *data; /* NULL: zeros */
	bool flushes;	     /* all before it is durable once this is */
	bool lasts;	     /* it is durable itself */
};

struct block_log {
	struct block_write *writes;
	size_t count;
	void *map;
	size_t map_len;
};

void block_log_read(struct block_log *log, const char *file);
void block_log_clear(struct block_log *log);

/* Does the first LEN bytes of one write on a disk in memory. */
void block_log_apply(const struct block_write *write, uint64_t len, uint8_t *disk);

#endif
