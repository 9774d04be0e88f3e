#include "tests/fuzz/place.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/fs.h"
#include "tests/support/linked.h"
#include "tests/support/zip.h"

#define FRAME_BYTES 8192

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

#define ENTRIES 7

/* What a delta looks into: a program in which functions have moved, and an archive of which a member has changed. Made once. */
struct looked_into {
	struct buf program;
	struct buf archive;
};

static const struct looked_into *looked_into(bool is_new)
{
	static struct looked_into all[2];
	static const char text[] = "some text, some text, some text, some text, some text, some 2 text, some text";
	static const char changed[] = "some text, some text, some text, some text, some text, some 3 text, some text!";
	struct looked_into *made = &all[is_new];
	const struct zip_member members[] = {{"a", "as it is, as it is", 18, 6},
		{"b", is_new ? changed : text, is_new ? sizeof(changed) : sizeof(text), 6}, {"c", "stored", 6, 0}};

	if (made->program.len)
		return made;
	made->program = made->archive = (struct buf)BUF_INIT(1u << 20);
	linked_make(&made->program, false, is_new ? LINKED_FUNCTION_SIZE : 0);
	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		zip_add(&made->archive, &members[i]);
	zip_end(&made->archive);
	return made;
}

static void fill(struct payload_entry entries[static ENTRIES], const char *version)
{
	static const char was[] = "What stays as it was, from the first word to the last, and one 2 that changes.";
	static const char is[] = "What stays as it was, from the first word to the last, and one 3 that changes!!";
	bool is_new = strcmp(version, PLACE_NEW) == 0;
	const struct looked_into *made = looked_into(is_new);

	entries[0] = (struct payload_entry){ .path = "bin/" };
	entries[1] = (struct payload_entry){ .path = "bin/linked", .data = made->program.data, .size = made->program.len, .mode = 0755 };
	entries[2] = (struct payload_entry){ .path = "bin/program", .data = is_new ? is : was,
		.size = is_new ? sizeof(is) : sizeof(was), .mode = 0755 };
	entries[3] = (struct payload_entry){ .path = "bin/same", .data = "same", .size = 4 };
	entries[4] = (struct payload_entry){ .path = "lib.jar", .data = made->archive.data, .size = made->archive.len };
	entries[5] = (struct payload_entry){ .path = "link", .link = "bin/program" };
	entries[6] = (struct payload_entry){ .path = is_new ? "text-3" : "text-2", .data = version, .size = 3 };
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
