#include "agent/rights/permission.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/platform.h"

/* Both are there where polkit is installed and our package beside it. */
#define POLKIT_SERVICE "/usr/share/dbus-1/system-services/org.freedesktop.PolicyKit1.service"
#define POLKIT_ACTIONS "/usr/share/polkit-1/actions/jp.haishin.agent.policy"

extern char **environ;

struct question {
	bool is_used;
	struct varlink_call *call; /* NULL: it has ended */
	uid_t uid;
	enum change_kind kind;
	int process_fd; /* the caller's process */
	pid_t pid;	/* of the program that asks; 0: it has ended */
	int status;	/* as that one ended */
};

struct permissions {
	struct question items[PERMISSION_QUESTIONS];
};

/* Attached to a call that was granted what it asks for: it may have to wait for other things yet. */
static int granted;

/* ---- Questions ---- */

static void forget(struct question *question)
{
	fd_close(&question->process_fd);
	*question = (struct question){.process_fd = -1};
}

int permissions_new(struct permissions **ret_permissions, struct error *err)
{
	struct permissions *permissions = calloc(1, sizeof(*permissions));

	if (!permissions)
		return error_set(err, ERROR_FAILED, "no memory for questions of rights");
	for (size_t i = 0; i < PERMISSION_QUESTIONS; i++)
		permissions->items[i].process_fd = -1;
	*ret_permissions = permissions;
	return 0;
}

void permissions_free(struct permissions *permissions)
{
	if (!permissions)
		return;
	for (size_t i = 0; i < PERMISSION_QUESTIONS; i++) {
		struct question *question = &permissions->items[i];

		if (question->pid) {
			(void)kill(question->pid, SIGKILL);
			(void)waitpid(question->pid, NULL, 0);
		}
		forget(question);
	}
	free(permissions);
}

static struct question *find_question(struct permissions *permissions, const struct varlink_call *call)
{
	for (size_t i = 0; i < PERMISSION_QUESTIONS; i++)
		if (permissions->items[i].is_used && permissions->items[i].call == call)
			return &permissions->items[i];
	return NULL;
}

/* A free place. One that a user has is all that user gets, however many connections there are. */
static struct question *find_place(struct permissions *permissions, uid_t uid, struct error *err)
{
	struct question *found = NULL;

	for (size_t i = 0; i < PERMISSION_QUESTIONS; i++) {
		struct question *question = &permissions->items[i];

		if (question->is_used && question->uid == uid) {
			(void)error_set(err, ERROR_BUSY, "a password is being asked for already; answer that first");
			return NULL;
		}
		if (!question->is_used)
			found = question;
	}
	if (!found)
		(void)error_set(err, ERROR_BUSY, "passwords are being asked for elsewhere; try again in a minute");
	return found;
}

/* The call has ended: whoever asks is asked no more. */
static void drop_call(void *context)
{
	struct question *question = context;

	question->call = NULL;
	if (question->pid)
		(void)kill(question->pid, SIGTERM);
	else
		forget(question);
}

/* ---- The program that asks ---- */

bool permission_is_asked_for(const struct config *config)
{
	char path[PATH_MAX];

	for (size_t i = 0; i < 2; i++) {
		int len = snprintf(path, sizeof(path), "%s%s", config->root, i ? POLKIT_SERVICE : POLKIT_ACTIONS);

		if (len < 0 || (size_t)len >= sizeof(path) || access(path, F_OK) < 0)
			return false;
	}
	return config->control_polkit == CONFIG_YES;
}

static int spawn(struct question *question, const struct config *config, pid_t caller, struct error *err)
{
	char program[PATH_MAX], pid[24], uid[24];
	const char *const argv[] = {program, change_kind_action(question->kind), pid, uid, NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none;
	int sys;

	(void)snprintf(pid, sizeof(pid), "%lld", (long long)caller);
	(void)snprintf(uid, sizeof(uid), "%llu", (unsigned long long)question->uid);
	if (snprintf(program, sizeof(program), "%s/" PERMISSION_PROGRAM, config->programs_path) >= (int)sizeof(program))
		return error_set(err, ERROR_FAILED, "[paths] programs is too long");
	(void)sigemptyset(&none);
	(void)posix_spawn_file_actions_init(&actions);
	(void)posix_spawnattr_init(&attributes);
	(void)posix_spawnattr_setsigmask(&attributes, &none);
	(void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	sys = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDWR, 0);
	if (!sys)
		sys = posix_spawn_file_actions_adddup2(&actions, STDIN_FILENO, STDOUT_FILENO);
	if (!sys)
		sys = posix_spawn_file_actions_adddup2(&actions, question->process_fd, PERMISSION_PROCESS_FD);
	if (!sys)
		sys = posix_spawn(&question->pid, program, &actions, &attributes, (char *const *)argv, environ);
	(void)posix_spawn_file_actions_destroy(&actions);
	(void)posix_spawnattr_destroy(&attributes);
	return sys ? error_system(err, sys, "cannot start '%s'", program) : 0;
}

static int begin(struct permissions *permissions, const struct config *config, struct varlink_call *call,
	enum change_kind kind, struct error *err)
{
	const struct platform_peer *peer = varlink_peer(call);
	struct question *question = find_place(permissions, peer->uid, err);
	AUTO(fd) int process_fd = -1;

	if (!question || (process_fd = varlink_open_process(call, err)) < 0)
		return -1;
	*question = (struct question){.call = call, .uid = peer->uid, .kind = kind, .process_fd = take_fd(&process_fd)};
	if (spawn(question, config, peer->pid, err) < 0) {
		forget(question);
		return -1;
	}
	question->is_used = true;
	varlink_attach(call, question, drop_call);
	if (varlink_wants_more(call)) /* who waits for a job's first word waits for a person now */
		varlink_reply_part(call, JSON_OBJECT({json_flag("asks_password", true)}));
	varlink_wait(call);
	return 0;
}

/* ---- The answer ---- */

static bool is_alive(int process_fd)
{
	struct pollfd ended = {.fd = process_fd, .events = POLLIN};

	return poll(&ended, 1, 0) == 0;
}

static int judge(const struct question *question, struct error *err)
{
	int end = WIFEXITED(question->status) ? WEXITSTATUS(question->status) : PERMISSION_NO_AUTHORITY;
	char who[64];

	platform_user_name(question->uid, who, sizeof(who));
	if (end == PERMISSION_GRANTED && is_alive(question->process_fd))
		return 0;
	if (end == PERMISSION_GRANTED)
		return error_set(err, ERROR_DENIED, "whoever asked was gone before polkit had answered");
	if (end == PERMISSION_DISMISSED)
		return error_set(err, ERROR_DENIED, "no administrator's password was given (%s)",
			change_kind_action(question->kind));
	if (end == PERMISSION_NOBODY_ASKS)
		return error_set(err, ERROR_DENIED,
			"%s may look but not change anything on this terminal, and nothing here can ask for an "
			"administrator's password (%s)",
			who, change_kind_action(question->kind));
	return error_set(err, ERROR_DENIED, "%s may look but not change anything on this terminal%s", who,
		end == PERMISSION_REFUSED ? ": polkit says no" : "");
}

int permission_ask(struct permissions *permissions, const struct config *config, struct varlink_call *call,
	enum change_kind kind, bool *ret_asked, struct error *err)
{
	struct question *question = find_question(permissions, call);
	struct question answered;
	int ret;

	*ret_asked = false;
	if (varlink_attached(call) == &granted)
		return 0;
	if (!question || question->pid) {
		*ret_asked = true;
		if (question)
			varlink_wait(call);
		return question ? 0 : begin(permissions, config, call, kind, err);
	}
	answered = *question;
	question->process_fd = -1;
	varlink_detach(call);
	forget(question);
	if ((ret = judge(&answered, err)) == 0)
		varlink_attach(call, &granted, NULL);
	fd_close(&answered.process_fd);
	return ret;
}

bool permissions_take(struct permissions *permissions)
{
	bool is_answered = false;

	for (size_t i = 0; permissions && i < PERMISSION_QUESTIONS; i++) {
		struct question *question = &permissions->items[i];

		if (!question->pid || waitpid(question->pid, &question->status, WNOHANG) != question->pid)
			continue;
		question->pid = 0;
		if (question->call)
			is_answered = true;
		else
			forget(question);
	}
	return is_answered;
}
