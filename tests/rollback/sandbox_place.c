#include "tests/rollback/sandbox_place.h"

#include "tests/support/test.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- The place ---- */

static int program_fd = -1;

bool sandbox_place_find_program(void)
{
	return (program_fd = open(HOSTILE_PROGRAM, O_RDONLY | O_CLOEXEC)) >= 0;
}

static void copy_program(const struct folder *folder, const char *path)
{
	AUTO(fd) int to_fd = -1;
	char chunk[65536];
	off_t at = 0;
	ssize_t got;

	folder_put(folder, path, "", 0);
	assert_int_equal(fchmodat(folder->fd, path, 0755, 0), 0);
	to_fd = openat(folder->fd, path, O_WRONLY | O_CLOEXEC);
	for (; (got = pread(program_fd, chunk, sizeof(chunk), at)) > 0; at += got)
		assert_int_equal(write(to_fd, chunk, (size_t)got), got);
	assert_true(at > 0);
}

static void put_package(struct place *place, const char *package)
{
	char path[256];

	machine_put_release(&place->machine, package, FOLDER, 0, true);
	(void)snprintf(path, sizeof(path), "opt/%s/versions/" FOLDER "/bin/hostile", package);
	copy_program(&place->machine.folder, path);
	(void)snprintf(path, sizeof(path), "opt/%s/data/secret", package);
	folder_put(&place->machine.folder, path, "pin", 3);
	if (geteuid() == 0)
		assert_int_equal(fchownat(place->machine.folder.fd, path, HOSTILE_UID, HOSTILE_GID, 0), 0);
	(void)snprintf(path, sizeof(path), "opt/%s/data", package);
	assert_int_equal(fchmodat(place->machine.folder.fd, path, 0777, 0), 0);
}

static int listen_at(int family, struct sockaddr *address, socklen_t len)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, address, len), 0);
	assert_int_equal(listen(fd, 8), 0);
	return fd;
}

static void open_doors(struct place *place)
{
	struct sockaddr_in network = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr_un abstract = {.sun_family = AF_UNIX};
	socklen_t len = sizeof(network);

	place->network_fd = listen_at(AF_INET, (struct sockaddr *)&network, sizeof(network));
	assert_int_equal(getsockname(place->network_fd, (struct sockaddr *)&network, &len), 0);
	(void)snprintf(place->port, sizeof(place->port), "%u", ntohs(network.sin_port));
	(void)snprintf(place->abstract, sizeof(place->abstract), "@haishin-test-%d", (int)getpid());
	memcpy(abstract.sun_path + 1, place->abstract + 1, strlen(place->abstract) - 1);
	place->abstract_fd = listen_at(AF_UNIX, (struct sockaddr *)&abstract,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(place->abstract)));
}

static pid_t start_victim(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		if (geteuid() == 0 && (setgid(HOSTILE_GID) < 0 || setuid(HOSTILE_UID) < 0))
			_exit(1);
		for (;;)
			(void)pause();
	}
	return pid;
}

bool sandbox_place_victim_runs(const struct place *place)
{
	char path[64], text[256] = "";
	AUTO(fd) int fd = -1;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)place->victim);
	return (fd = open(path, O_RDONLY | O_CLOEXEC)) >= 0 && read(fd, text, sizeof(text) - 1) > 0 &&
	       !strstr(text, ") Z ");
}

int sandbox_place_set_up(void **state)
{
	static struct place place; /* one test at a time */

	place = (struct place){0};
	machine_init(&place.machine);
	put_package(&place, HOSTILE);
	put_package(&place, OTHER);
	open_doors(&place);
	assert_true((place.victim = start_victim()) > 0);
	(void)snprintf(place.victim_text, sizeof(place.victim_text), "%d", (int)place.victim);
	(void)snprintf(place.secret, sizeof(place.secret), "%s/" OTHER "/data/secret", place.machine.packages_path);
	(void)snprintf(place.open_door, sizeof(place.open_door), "%s/" OTHER "/data/x", place.machine.packages_path);
	*state = &place;
	return 0;
}

int sandbox_place_tear_down(void **state)
{
	struct place *place = *state;

	(void)kill(place->victim, SIGKILL);
	(void)waitpid(place->victim, NULL, 0);
	(void)close(place->network_fd);
	(void)close(place->abstract_fd);
	machine_clear(&place->machine);
	return 0;
}

/* ---- Running ---- */

struct process_result sandbox_place_run(struct place *place, const char *const *words, const struct trial *trial)
{
	const struct sandbox sandbox = {.packages_path = place->machine.packages_path,
		.package = HOSTILE,
		.folder = FOLDER,
		.former = "",
		.data = "data",
		.user = HOSTILE_USER,
		.has_network = trial->has_network};
	struct process_request request = {.argv = words, .timeout_ms = trial->timeout_ms, .output = trial->output};
	struct process_result result = {0};
	struct error err = {0};

	assert_ok(sandbox_run(&place->machine.env, &sandbox, &request, &result, &err), &err);
	return result;
}

struct process_result sandbox_place_run_hostile(
	struct place *place, const char *how, const char *where, int timeout_ms, struct buf *output)
{
	char program[FOLDER_PATH_SIZE + 128];
	const char *const words[] = {program, how, where, NULL};
	const struct trial trial = {.timeout_ms = timeout_ms, .output = output};

	(void)snprintf(program, sizeof(program), "%s/" HOSTILE "/versions/" FOLDER "/bin/hostile",
		place->machine.packages_path);
	return sandbox_place_run(place, words, &trial);
}
