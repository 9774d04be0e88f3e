/* A caller of the control socket that asks the real methods for anything, with a real store, plan and packages behind them. Whatever
 * it says, the history stays whole, no transaction stays open, and others are answered. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "agent/resident/resident_job.h"
#include "agent/store/history.h"
#include "agent/store/store_query.h"
#include "agent/varlink/varlink_address.h"
#include "tests/agent/agent_fixture.h"
#include "tests/fuzz/fuzz.h"

#define RUNS_OF_A_TERMINAL 300

static struct agent_fixture *fixture;
static int runs;

static void end_terminal(void)
{
	void *state = fixture;

	if (fixture)
		(void)agent_fixture_teardown(&state);
	fixture = NULL;
}

/* A terminal with a release, and one that waits for a restart; a new one now and then, as its records grow. */
static void begin_terminal(void)
{
	void *state;

	if (!fixture && runs == 0)
		(void)atexit(end_terminal);
	if (fixture && ++runs % RUNS_OF_A_TERMINAL)
		return;
	end_terminal();
	(void)setenv("TMPDIR", "/dev/shm", 0);
	if (agent_fixture_setup(&state) != 0)
		abort();
	fixture = state;
	runs = 1;
	agent_fixture_install(fixture, "face-library", "5.0.2-aaaaaaaa");
	agent_fixture_stage(fixture, "face-library", "5.1.0", DIGEST_B);
	agent_fixture_keep_catalog(fixture, "5.1.0");
}

/* No caller may keep the agent busy without end. */
static void pump(void)
{
	struct pollfd ready = {.fd = varlink_fd(fixture->server), .events = POLLIN};

	for (int rounds = 0; poll(&ready, 1, 0) > 0; rounds++) {
		if (rounds > 200000)
			abort();
		varlink_dispatch(fixture->server);
	}
}

static void end_job(void)
{
	struct resident *resident = &fixture->resident;
	siginfo_t ended;

	while (resident->job.running) {
		if (waitid(P_PID, (id_t)resident->job.pid, &ended, WEXITED | WNOWAIT) < 0)
			abort();
		resident_job_reap(resident);
		varlink_handle_waiting(fixture->server);
	}
}

static int call_in(void)
{
	int dir_fd, fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct sockaddr_un address;

	if (fd < 0 || varlink_address(fixture->socket_path, &address, &dir_fd, NULL) < 0 ||
		connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		abort();
	fd_close(&dir_fd);
	return fd;
}

static void check(void)
{
	AUTO(json) json_t *status = NULL;
	struct error err = {0};
	int64_t rows;

	if (history_verify(fixture->terminal.store, &rows, &err) < 0 ||
		database_in_transaction(fixture->terminal.store->database))
		abort();
	status = agent_fixture_call(fixture, "GetStatus", NULL);
	if (!status || json_object_get(status, "error"))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char heard[4096];
	int fd;

	begin_terminal();
	fd = call_in();
	(void)!send(fd, data, len, MSG_NOSIGNAL);
	do
		pump();
	while (recv(fd, heard, sizeof(heard), 0) > 0);
	end_job();
	pump();
	(void)close(fd);
	pump();
	check();
	return 0;
}
