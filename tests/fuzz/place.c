#include "tests/fuzz/place.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fs.h"

#define FRAME_BYTES 2048

static struct folder folder = { .fd = -1 };
static pid_t owner;

static void remove_folder(void)
{
	if (getpid() == owner)
		folder_clear(&folder);
}

const struct folder *place_folder(void)
{
	if (folder.fd >= 0)
		return &folder;
	if (access("/dev/shm", W_OK) == 0)
		(void)setenv("TMPDIR", "/dev/shm", 0);
	folder_init(&folder);
	owner = getpid();
	(void)atexit(remove_folder);
	return &folder;
}

void place_put(const char *name, const void *data, size_t len)
{
	int fd = openat(place_folder()->fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0 || write(fd, data, len) != (ssize_t)len)
		abort();
	(void)close(fd);
}

int place_empty(const char *name)
{
	struct fs fs;
	int fd;

	fs_init(&fs);
	if (fs_remove_tree(&fs, place_folder()->fd, name, NULL) < 0 || mkdirat(place_folder()->fd, name, 0700) < 0 ||
	    (fd = fs_open_dir(&fs, place_folder()->fd, name, NULL)) < 0)
		abort();
	return fd;
}

#define ENTRIES 5

static void fill(struct payload_entry entries[static ENTRIES], const char *version)
{
	static const char was[] = "What stays as it was, from the first word to the last, and one 2 that changes.";
	static const char is[] = "What stays as it was, from the first word to the last, and one 3 that changes!!";
	bool is_new = strcmp(version, PLACE_NEW) == 0;

	entries[0] = (struct payload_entry){ .path = "bin/" };
	entries[1] = (struct payload_entry){ .path = "bin/program", .data = is_new ? is : was,
		.size = is_new ? sizeof(is) : sizeof(was), .mode = 0755 };
	entries[2] = (struct payload_entry){ .path = "bin/same", .data = "same", .size = 4 };
	entries[3] = (struct payload_entry){ .path = "link", .link = "bin/program" };
	entries[4] = (struct payload_entry){ .path = is_new ? "text-3" : "text-2", .data = version, .size = 3 };
}

const struct payload *place_payload(const char *version)
{
	static struct payload payloads[2];
	struct payload *payload = &payloads[strcmp(version, PLACE_NEW) == 0];
	struct payload_entry entries[ENTRIES];

	if (payload->release)
		return payload;
	fill(entries, version);
	payload_init(payload, "linkage-app", version, entries, ENTRIES, FRAME_BYTES);
	return payload;
}

void place_install(int dir_fd, const char *version)
{
	struct payload_entry entries[ENTRIES];

	fill(entries, version);
	for (size_t i = 0; i < ENTRIES; i++) {
		const struct payload_entry *entry = &entries[i];
		AUTO(fd) int fd = -1;

		if (!entry->data ? (entry->link ? symlinkat(entry->link, dir_fd, entry->path) : mkdirat(dir_fd, entry->path, 0755)) < 0
				 : (fd = openat(dir_fd, entry->path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644)) < 0 ||
				write(fd, entry->data, entry->size) != (ssize_t)entry->size)
			abort();
	}
}
