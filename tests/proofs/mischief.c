#include "tests/proofs/mischief.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/proofs/life.h"
#include "tests/support/test.h"

const char mischief_line[] = "[ ! -r \"$HAISHIN_DATA/mischief\" ] || . \"$HAISHIN_DATA/mischief\"\n";

/* All that a program of tests/rollback tries, and ends with 9 or more where it succeeds. */
#define TRY(kinds)                                                                                                   \
	"for how in " kinds "; do \"$HAISHIN_DATA/hostile\" $how; [ $? -lt 9 ] || echo $how >\"$HAISHIN_DATA/won\"; done"

static const char *const deeds[] = {
	"",
	"i=0; while [ $i -lt 40 ]; do sleep 1000 >/dev/null 2>&1 & i=$((i + 1)); done",
	"setsid sh -c 'trap \"\" HUP INT TERM; while :; do sleep 1000; done' >/dev/null 2>&1 &",
	"(setsid sh -c 'while :; do :; done' >/dev/null 2>&1 &)",
	"head -c 20000000 /dev/zero",
	"trap '' HUP INT QUIT TERM USR1 USR2; kill -TERM 1; kill -HUP -1",
	"head -c 60000000 /dev/zero | tail >/dev/null",
	"head -c 30000000 /dev/zero >/tmp/full; head -c 3000000 /dev/zero >\"$HAISHIN_DATA/full\"",
	"perl -e 'use Socket; for (1 .. 200) { socket(my $s, AF_INET, SOCK_STREAM, 0) or last; push @s, $s; "
	"connect($s, pack_sockaddr_in(22, INADDR_LOOPBACK)) }'",
	"mkdir -p \"$HAISHIN_DATA/a/b\"; chmod 0 \"$HAISHIN_DATA/a\"; ln -sf /etc/shadow \"$HAISHIN_DATA/link\"",
	"for other in \"$HAISHIN_DATA\"/../../*/data \"$HAISHIN_DATA\"/../../*/*/data; do "
	"echo \"$HAISHIN_PACKAGE\" 2>/dev/null >\"$other/touched\"; done; chmod -R 777 ..",
	TRY("detach hop behind vfork blind"),
	TRY("core terminal namespaces mount rights limits machine devices kernel descriptors share"),
};

static void put(const struct folder *folder, const char *package, const char *name, const char *text, size_t len,
	mode_t mode)
{
	char path[512];

	(void)snprintf(path, sizeof(path), "terminal/opt/haishin/%s/data/%s", package, name);
	folder_put(folder, path, text, len);
	assert_int_equal(fchmodat(folder->fd, path, mode, 0), 0);
}

void mischief_choose(struct world *world, struct chance *chance)
{
	AUTO(buf) struct buf hostile = BUF_INIT(16u << 20);
	char path[512];

	assert_int_equal(fs_read_file(&world->fs, AT_FDCWD, HOSTILE_PROGRAM, &hostile, NULL), 0);
	for (size_t i = 0; i < LIFE_PACKAGES; i++) {
		const char *deed = deeds[chance_below(chance, ARRAY_SIZE(deeds))];

		put(&world->folder, life_packages[i], "mischief", deed, strlen(deed), 0644);
		put(&world->folder, life_packages[i], "hostile", hostile.data, hostile.len, 0755);
		(void)snprintf(path, sizeof(path), "terminal/opt/haishin/%s/data", life_packages[i]);
		assert_int_equal(fchmodat(world->folder.fd, path, 0777, 0), 0);
	}
}

struct finding {
	struct world *world;
	bool is_left;
};

/* Where a thread's environment says that it is of a package of this world. */
static int find_thread(void *context, int dir_fd, const char *name, struct error *err)
{
	struct finding *finding = context;
	AUTO(fd) int fd = -1;
	char path[64], environment[65536], mark[FOLDER_PATH_SIZE + 64];
	ssize_t len;

	(void)err;
	(void)snprintf(path, sizeof(path), "%.20s/environ", name);
	if ((fd = openat(dir_fd, path, O_RDONLY | O_CLOEXEC)) < 0 ||
		(len = read(fd, environment, sizeof(environment))) <= 0)
		return 0;
	(void)snprintf(mark, sizeof(mark), "HAISHIN_DATA=%s/", finding->world->folder.path);
	if (memmem(environment, (size_t)len, mark, strlen(mark)))
		finding->is_left = true;
	return 0;
}

/* A process whose first thread has ended shows nothing of it by itself. */
static int find_one(void *context, int dir_fd, const char *name, struct error *err)
{
	struct finding finding = {.world = context};
	char path[64];

	(void)snprintf(path, sizeof(path), "%.20s/task", name);
	if (*name < '1' || *name > '9' || fs_each(&finding.world->fs, dir_fd, path, find_thread, &finding, NULL) < 0 ||
		!finding.is_left)
		return 0;
	return error_set(err, ERROR_FAILED, "process %s of a package is left", name);
}

int mischief_check(struct world *world, struct error *err)
{
	if (fs_each(&world->fs, AT_FDCWD, "/proc", find_one, world, err) < 0)
		return -1;
	for (size_t i = 0; i < LIFE_PACKAGES; i++) {
		AUTO(free) char *touched = NULL;
		AUTO(free) char *won = NULL;
		char path[512];

		(void)snprintf(path, sizeof(path), "terminal/opt/haishin/%s/data/won", life_packages[i]);
		if ((won = folder_get(&world->folder, path, NULL)))
			return error_set(err, ERROR_FAILED, "%s: it got away with %s", life_packages[i], won);
		(void)snprintf(path, sizeof(path), "terminal/opt/haishin/%s/data/touched", life_packages[i]);
		touched = folder_get(&world->folder, path, NULL);
		if (touched && strncmp(touched, life_packages[i], strlen(life_packages[i])) != 0)
			return error_set(
				err, ERROR_FAILED, "%s: its data were changed by %s", life_packages[i], touched);
	}
	return 0;
}
