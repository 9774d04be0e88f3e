#include "tests/proofs/block_log.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/auto.h"
#include "tests/proofs/disk.h"

#define DAEMON "/usr/bin/qemu-storage-daemon"
#define SECTOR 512u
#define LOG_BYTES (1ll << 34) /* the most that it may grow to; a hole costs nothing */
#define START_TIMEOUT_MS 20000

/* The form of the log, all little-endian: a sector with this, then for each write a sector with the next and its data
 * in whole sectors. */
#define MAGIC 0x6a736677736872ull
struct log_head {
	uint64_t magic;
	uint64_t version;
	uint64_t entries;
	uint32_t sector_size;
};
struct log_entry {
	uint64_t sector;
	uint64_t sectors;
	uint64_t flags;
	uint64_t data_len;
};
enum { FLAG_FLUSH = 1, FLAG_FUA = 2, FLAG_DISCARD = 4 };

static _Noreturn void give_up(const char *what, const char *path)
{
	(void)fprintf(stderr, "block log: cannot %s '%s': %s\n", what, path, strerror(errno));
	exit(EXIT_FAILURE);
}

/* ---- Recording ---- */

const char *recorder_begin(void)
{
	if (access(DAEMON, X_OK) < 0)
		return "qemu-storage-daemon";
	if (access("/dev/fuse", R_OK | W_OK) < 0)
		return "FUSE";
	return NULL;
}

static void make_empty(const char *path, off_t size)
{
	AUTO(fd) int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || ftruncate(fd, size) < 0)
		give_up("make", path);
}

/* The shown file is empty until the daemon has put the disk over it. */
static void wait_until_shown(const struct recorder *recorder)
{
	struct stat st = {0};

	for (int waited_ms = 0; waited_ms < START_TIMEOUT_MS; waited_ms += 10) {
		if (stat(recorder->shown, &st) == 0 && st.st_size == DISK_BYTES)
			return;
		(void)usleep(10000);
	}
	give_up("wait for the disk in", recorder->shown);
}

void recorder_start(struct recorder *recorder, const char *disk, const char *log)
{
	char disk_node[400], log_node[400], export[400];
	const char *const argv[] = {DAEMON, "--blockdev", disk_node, "--blockdev", log_node, "--blockdev",
		"driver=blklogwrites,node-name=recorded,file=disk,log=log,log-sector-size=512", "--export", export,
		NULL};

	(void)snprintf(recorder->shown, sizeof(recorder->shown), "%s.shown", log);
	(void)snprintf(disk_node, sizeof(disk_node), "driver=file,node-name=disk,filename=%s", disk);
	(void)snprintf(log_node, sizeof(log_node), "driver=file,node-name=log,filename=%s", log);
	(void)snprintf(export, sizeof(export), "type=fuse,id=shown,node-name=recorded,mountpoint=%s,writable=on",
		recorder->shown);
	make_empty(log, LOG_BYTES);
	make_empty(recorder->shown, 0);
	program_start(&recorder->daemon, argv, -1);
	wait_until_shown(recorder);
}

void recorder_stop(struct recorder *recorder)
{
	char output[1024];

	(void)program_stop(&recorder->daemon, SIGTERM, output, sizeof(output));
	if (*output)
		(void)fprintf(stderr, "%s", output);
}

/* ---- Reading ---- */

static void read_entry(struct block_log *log, size_t number, size_t *at)
{
	struct block_write *write = &log->writes[number];
	struct log_entry entry;
	uint64_t flags;

	if (*at + SECTOR > log->map_len)
		give_up("read", "the log: it ends early");
	memcpy(&entry, (const uint8_t *)log->map + *at, sizeof(entry));
	flags = le64toh(entry.flags);
	*at += SECTOR;
	*write = (struct block_write){
		.at = le64toh(entry.sector) * SECTOR,
		.len = le64toh(entry.sectors) * SECTOR,
		.data = flags & FLAG_DISCARD ? NULL : (const uint8_t *)log->map + *at,
		.flushes = flags & FLAG_FLUSH,
		.lasts = flags & FLAG_FUA,
	};
	if (write->at + write->len > DISK_BYTES || (write->data && *at + write->len > log->map_len))
		give_up("read", "the log: a write leads beyond the end");
	*at += write->data ? write->len : 0;
}

void block_log_read(struct block_log *log, const char *file)
{
	AUTO(fd) int fd = open(file, O_RDONLY | O_CLOEXEC);
	struct log_head head;
	struct stat st;
	size_t at = SECTOR;

	if (fd < 0 || fstat(fd, &st) < 0)
		give_up("open", file);
	log->map_len = (size_t)st.st_size;
	log->map = mmap(NULL, log->map_len, PROT_READ, MAP_SHARED, fd, 0);
	if (log->map == MAP_FAILED)
		give_up("map", file);
	memcpy(&head, log->map, sizeof(head));
	if (le64toh(head.magic) != MAGIC || le32toh(head.sector_size) != SECTOR || !head.entries)
		give_up("understand", file);
	log->count = le64toh(head.entries);
	if (!(log->writes = calloc(log->count, sizeof(*log->writes))))
		give_up("hold", file);
	for (size_t i = 0; i < log->count; i++)
		read_entry(log, i, &at);
}

void block_log_clear(struct block_log *log)
{
	(void)munmap(log->map, log->map_len);
	free(log->writes);
	*log = (struct block_log){0};
}

void block_log_apply(const struct block_write *write, uint64_t len, uint8_t *disk)
{
	if (len && write->data)
		memcpy(disk + write->at, write->data, len);
	else if (len)
		memset(disk + write->at, 0, len);
}
