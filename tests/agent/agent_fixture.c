#include "tests/agent/agent_fixture.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "agent/control/control.h"
#include "agent/control/methods.h"
#include "agent/varlink/varlink_address.h"
#include "agent/resident/resident_loop.h"
#include "agent/store/delivery.h"
#include "agent/store/history.h"
#include "rollback/plan.h"
#include "rollback/versions.h"
#include "tests/support/test.h"
#include "tests/support/tuf_repository.h"

#define CONFIG_FILE_BELOW "etc/haishin/haishin.conf"

static const char configuration[] = "[server]\n"
				    "url = http://127.0.0.1:9/\n"
				    "[terminal]\n"
				    "packages = distro-app face-library linkage-app reader-app/acme\n"
				    "[control]\n"
				    "users = nobody\n";

static int64_t fixture_now_s(const struct clock *clock)
{
	return ((const struct agent_fixture *)clock->context)->now_s;
}

static int64_t fixture_monotonic_ms(const struct clock *clock)
{
	return ((const struct agent_fixture *)clock->context)->monotonic_ms;
}

static int fixture_boot_id(const struct clock *clock, char ret_id[static BOOT_ID_SIZE], struct error *err)
{
	(void)err;
	(void)strcpy(ret_id, ((const struct agent_fixture *)clock->context)->boot_id);
	return 0;
}

static void init_env(struct agent_fixture *fixture)
{
	fixture->now_s = NOON_S;
	fixture->monotonic_ms = 7200000;
	(void)strcpy(fixture->boot_id, "boot-1");
	fixture->clock = (struct clock){.now_s = fixture_now_s,
		.monotonic_ms = fixture_monotonic_ms,
		.boot_id = fixture_boot_id,
		.context = fixture};
	fs_init(&fixture->fs);
	processes_init(&fixture->processes);
	log_init(&fixture->log, "test");
	fixture->log.level = LOG_LEVEL_ERROR;
	fixture->env = (struct env){
		.clock = &fixture->clock, .fs = &fixture->fs, .processes = &fixture->processes, .log = &fixture->log};
}

static int stranger(int socket_fd, struct platform_peer *ret_peer, struct error *err)
{
	(void)socket_fd;
	(void)err;
	*ret_peer = (struct platform_peer){.uid = 4711, .gid = 4711, .pid = 1};
	return 0;
}

static int clerk(int socket_fd, struct platform_peer *ret_peer, struct error *err)
{
	(void)socket_fd;
	(void)err;
	*ret_peer = (struct platform_peer){.uid = 65534, .gid = 65534, .pid = 1};
	return 0;
}

typedef int peer_function(int socket_fd, struct platform_peer *ret_peer, struct error *err);

static void serve(struct agent_fixture *fixture, peer_function *peer)
{
	struct varlink_options options = {.path = fixture->socket_path,
		.mode = 0666,
		.describe = methods_describe,
		.handle = methods_handle,
		.context = &fixture->resident,
		.peer = peer};
	struct error err = {0};

	assert_ok(varlink_open(&options, &fixture->server, &err), &err);
}

static void trust_a_root(struct agent_fixture *fixture)
{
	struct tuf_repository repository;
	char *root;
	size_t len;

	tuf_repository_init(&repository);
	assert_non_null(root = tuf_repository_bytes(&repository, "metadata/1.root.json", &len));
	folder_put(&fixture->folder, "var/lib/haishin/tuf/root.json", root, len);
	free(root);
	tuf_repository_clear(&repository);
}

int agent_fixture_setup(void **state)
{
	struct agent_fixture *fixture = calloc(1, sizeof(*fixture));
	struct error err = {0};

	folder_init(&fixture->folder);
	init_env(fixture);
	folder_put(&fixture->folder, CONFIG_FILE_BELOW, configuration, strlen(configuration));
	trust_a_root(fixture);
	assert_ok(config_load(&fixture->fs, NULL, fixture->folder.path, &fixture->config, &err), &err);
	assert_ok(terminal_open(&fixture->env, &fixture->config, &fixture->terminal, &err), &err);
	fixture->resident = (struct resident){
		.terminal = &fixture->terminal, .config_file = "unused", .program = "/bin/true", .callers = RESIDENT_NO_CALLERS, .job.fd = -1};
	(void)snprintf(fixture->socket_path, sizeof(fixture->socket_path), "%s/s", fixture->folder.path);
	serve(fixture, NULL);
	*state = fixture;
	return 0;
}

int agent_fixture_teardown(void **state)
{
	struct agent_fixture *fixture = *state;

	if (fixture->agent_pid)
		agent_fixture_stop(fixture);
	if (fixture->resident.job.running) {
		(void)waitpid(fixture->resident.job.pid, NULL, 0);
		fd_close(&fixture->resident.job.fd);
		json_decref(fixture->resident.job.progress);
	}
	json_decref(fixture->answers);
	varlink_close(fixture->server);
	verification_free(fixture->resident.verification);
	terminal_close(&fixture->terminal);
	config_clear(&fixture->config);
	folder_clear(&fixture->folder);
	free(fixture);
	return 0;
}

/* ---- In a process of its own. ---- */

#define JOB_BELOW "job.sh"
#define GATE_BELOW "gate"

static _Noreturn void run_agent(struct agent_fixture *fixture, int ready_fd)
{
	struct control *control = NULL;
	struct error err = {0};
	sigset_t term;

	(void)sigemptyset(&term);
	(void)sigaddset(&term, SIGTERM);
	(void)sigprocmask(SIG_BLOCK, &term, NULL); /* one that comes early is not lost */

	if (terminal_open(&fixture->env, &fixture->config, &fixture->terminal, &err) < 0 ||
		control_open(&fixture->resident, &control, &err) < 0 ||
		write(ready_fd, "x", 1) != 1 || close(ready_fd) < 0 || resident_loop_run(&fixture->resident, &err) < 0) {
		(void)fprintf(stderr, "agent: %s\n", err.text);
		_exit(1);
	}
	control_close(control);
	terminal_close(&fixture->terminal);
	exit(0); /* with what checks for leaks and counts lines at a program's end */
}

void agent_fixture_start(struct agent_fixture *fixture, const char *job)
{
	char script[2048], program[2 * FOLDER_PATH_SIZE], byte;
	int ready[2], len;

	varlink_close(take_ptr(&fixture->server));
	terminal_close(&fixture->terminal); /* a store is not to be carried into another process */
	len = snprintf(script, sizeof(script),
		"#!/bin/sh\n# The kind is in $kind, the gate in $gate.\ngate=%s/" GATE_BELOW
		"\nfor kind; do [ \"$last\" = --job ] && break; last=$kind; done\n%s\n",
		fixture->folder.path, job);
	folder_put(&fixture->folder, JOB_BELOW, script, (size_t)len);
	(void)snprintf(program, sizeof(program), "%s/" JOB_BELOW, fixture->folder.path);
	assert_int_equal(chmod(program, 0755), 0);
	assert_int_equal(mkfifoat(fixture->folder.fd, GATE_BELOW, 0600), 0);
	(void)snprintf(fixture->socket_path, sizeof(fixture->socket_path), "%s/" CONTROL_SOCKET_NAME,
		fixture->config.run_path);
	fixture->resident.program = program;
	assert_int_equal(pipe(ready), 0);
	(void)fflush(NULL);
	assert_true((fixture->agent_pid = fork()) >= 0);
	if (fixture->agent_pid == 0) {
		(void)close(ready[0]);
		run_agent(fixture, ready[1]);
	}
	(void)close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1); /* it answers from now on */
	(void)close(ready[0]);
}

void agent_fixture_let_job_go(struct agent_fixture *fixture)
{
	int fd = openat(fixture->folder.fd, GATE_BELOW, O_WRONLY | O_CLOEXEC);

	assert_int_equal(write(fd, "go\n", 3), 3);
	(void)close(fd);
}

void agent_fixture_stop(struct agent_fixture *fixture)
{
	int status;

	assert_int_equal(kill(fixture->agent_pid, SIGTERM), 0);
	assert_int_equal(waitpid(fixture->agent_pid, &status, 0), fixture->agent_pid);
	fixture->agent_pid = 0;
	assert_int_equal(status, 0);
}

void agent_fixture_become_stranger(struct agent_fixture *fixture)
{
	varlink_close(fixture->server);
	serve(fixture, stranger);
}

void agent_fixture_become_clerk(struct agent_fixture *fixture)
{
	varlink_close(fixture->server);
	serve(fixture, clerk);
}

/* ---- Calling. ---- */

static void pump(struct agent_fixture *fixture)
{
	struct pollfd ready = {.fd = varlink_fd(fixture->server), .events = POLLIN};

	while (poll(&ready, 1, 0) > 0)
		varlink_dispatch(fixture->server);
}

static json_t *call(struct agent_fixture *fixture, const char *method, const char *parameters, bool more)
{
	json_t *call = json_pack("{s:s+, s:o, s:b}", "method", "jp.haishin.Agent.", method, "parameters",
		parameters ? json_loads(parameters, 0, NULL) : json_object(), "more", more);
	json_t *answers = json_array();
	char *text = json_dumps(call, JSON_COMPACT);
	static char bytes[VARLINK_MAX_ANSWER_BYTES];
	size_t len = 0;
	struct sockaddr_un address;
	int dir_fd, fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ssize_t got;

	assert_non_null(text);
	assert_int_equal(varlink_address(fixture->socket_path, &address, &dir_fd, NULL), 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(send(fd, text, strlen(text) + 1, 0), strlen(text) + 1);
	do {
		pump(fixture);
		got = recv(fd, bytes + len, sizeof(bytes) - len, MSG_DONTWAIT);
		len += got > 0 ? (size_t)got : 0;
	} while (got > 0);
	close(fd);
	pump(fixture);
	for (char *at = bytes; at < bytes + len; at += strlen(at) + 1)
		assert_int_equal(json_array_append_new(answers, json_loads(at, 0, NULL)), 0);
	free(text);
	json_decref(call);
	return answers;
}

json_t *agent_fixture_call(struct agent_fixture *fixture, const char *method, const char *parameters)
{
	json_t *answers = call(fixture, method, parameters, false);
	json_t *answer = json_incref(json_array_get(answers, 0));

	assert_true(json_array_size(answers) <= 1);
	json_decref(answers);
	return answer;
}

json_t *agent_fixture_call_more(struct agent_fixture *fixture, const char *method, const char *parameters)
{
	return call(fixture, method, parameters, true);
}

/* ---- The terminal. ---- */

void agent_fixture_install(struct agent_fixture *fixture, const char *package, const char *folder)
{
	AUTO(versions) struct versions *versions = NULL;
	struct error err = {0};
	char path[256];

	(void)snprintf(path, sizeof(path), "opt/haishin/%s/versions/%s/file", package, folder);
	folder_put(&fixture->folder, path, "x", 1);
	assert_ok(versions_open(&fixture->fs, fixture->terminal.packages_dir_fd, package, &versions, &err), &err);
	assert_ok(versions_activate(versions, folder, &err), &err);
}

void agent_fixture_stage(struct agent_fixture *fixture, const char *package, const char *version, const char *digest)
{
	struct plan *plan = calloc(1, sizeof(*plan));
	struct plan_entry entry = {.priority = 1, .state = PLAN_STAGED};
	struct delivery delivery;
	struct error err = {0};

	assert_ok(delivery_plan(fixture->terminal.store, package, version, digest, 0, &delivery, &err), &err);
	assert_ok(delivery_begin(fixture->terminal.store, &delivery, 1000, &err), &err);
	assert_ok(delivery_staged(fixture->terminal.store, &delivery, 1000, &err), &err);
	assert_ok(plan_read(&fixture->fs, fixture->terminal.boot_dir_fd, plan, &err), &err);
	entry.group = plan->count + 1; /* a group of its own, as a night gives it */
	(void)snprintf(entry.package, sizeof(entry.package), "%s", package);
	(void)snprintf(entry.folder, sizeof(entry.folder), "%s", delivery.folder);
	assert_ok(plan_put(plan, &entry, &err), &err);
	assert_ok(plan_write(&fixture->fs, fixture->terminal.boot_dir_fd, plan, &err), &err);
	free(plan);
}

void agent_fixture_keep_catalog(struct agent_fixture *fixture, const char *face_library_version)
{
	char json[1024];
	int len = snprintf(json, sizeof(json),
		"{\"issued\":\"2026-01-09T00:00:00Z\",\"longest_disable_days\":30,\"packages\":["
		"{\"package\":\"distro-app\",\"priority\":1,\"version\":\"1.0.0\",\"release\":\"distro-app/"
		"distro-app-1.0.0.json\"},"
		"{\"package\":\"face-library\",\"priority\":2,\"version\":\"%s\",\"release\":\"face-library/"
		"face-library-%s.json\"}"
		"],\"campaigns\":[]}",
		face_library_version, face_library_version);

	folder_put(&fixture->folder, "var/lib/haishin/catalog.json", json, (size_t)len);
}

void agent_fixture_note_contact(struct agent_fixture *fixture)
{
	struct history_entry entry = {.operation = "check", .outcome = "done"};
	struct error err = {0};
	char now[32];

	(void)snprintf(now, sizeof(now), "%lld", (long long)fixture->now_s);
	assert_ok(store_set_setting(fixture->terminal.store, "last_contact_s", now, &err), &err);
	assert_ok(history_add(fixture->terminal.store, &entry, &err), &err);
}
