/* Passphrases typed at a terminal. */
#include "tests/support/test.h"

#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/buf.h"
#include "tests/support/folder.h"
#include "tools/repo/commands/commands.h"
#include "tools/repo/keys/passphrase.h"

#define PROMPT_TIMEOUT_MS 120000 /* only so that a failure ends */

struct session {
	pid_t pid;
	int terminal_fd;
	struct buf seen; /* what the terminal showed */
};

/* Begins a process of its own at a terminal of its own, which ends with what CHILD returns. */
static struct session begin_child(int (*child)(const void *context), const void *context)
{
	struct session session = {.seen = BUF_INIT(65536)};

	session.pid = forkpty(&session.terminal_fd, NULL, NULL, NULL);
	if (session.pid == 0)
		_exit(child(context));
	assert_true(session.pid > 0);
	return session;
}

/* 0 if the answer is "correct horse". */
static int ask(const void *context)
{
	const bool *confirm = context;
	AUTO(secret) struct buf passphrase = BUF_INIT(PASSPHRASE_MAX_BYTES);
	struct error err = {0};
	int ret = passphrase_ask("key.pem", *confirm, &passphrase, &err);

	if (ret < 0)
		(void)dprintf(STDOUT_FILENO, "%s\n", err.text);
	return ret == 0 && strcmp(buf_text(&passphrase), "correct horse") == 0 ? 0 : 1;
}

static struct session begin(bool confirm)
{
	return begin_child(ask, &confirm);
}

/* Makes a repository with new keys, and then signs timestamp anew, in a folder. */
static int init_and_refresh(const void *context)
{
	const struct folder *folder = context;
	const struct command *const commands[] = {&command_init, &command_refresh};
	char repo[FOLDER_PATH_SIZE + 16];
	char keys[FOLDER_PATH_SIZE + 16];
	char *argv[] = {(char *)"--repo", repo, (char *)"--keys", keys};
	struct fs fs;
	struct clock clock;
	struct args args;
	struct tool tool = {.fs = &fs, .clock = &clock, .args = &args};
	struct error err = {0};

	fs_init(&fs);
	clock_init(&clock, "/proc/sys/kernel/random/boot_id");
	(void)snprintf(repo, sizeof(repo), "%s/pub", folder->path);
	(void)snprintf(keys, sizeof(keys), "%s/keys", folder->path);
	for (size_t i = 0; i < 2; i++)
		if (args_init(&args, ARGS_TABLES(commands[i]->options), 4, argv, &err) < 0 ||
			commands[i]->run(&tool, &err) < 0) {
			(void)dprintf(STDOUT_FILENO, "%s\n", err.text);
			return 1;
		}
	return 0;
}

static void wait_for(struct session *session, const char *text)
{
	struct pollfd ready = {.fd = session->terminal_fd, .events = POLLIN};
	char chunk[512];
	ssize_t got;

	while (!strstr(buf_text(&session->seen), text)) {
		if (poll(&ready, 1, PROMPT_TIMEOUT_MS) <= 0)
			fail_msg("the terminal never showed '%s' but '%s'", text, buf_text(&session->seen));
		if ((got = read(session->terminal_fd, chunk, sizeof(chunk))) <= 0)
			fail_msg("the process ended without '%s': '%s'", text, buf_text(&session->seen));
		assert_int_equal(buf_append(&session->seen, chunk, (size_t)got, NULL), 0);
	}
}

static void type(struct session *session, const char *text)
{
	assert_int_equal(write(session->terminal_fd, text, strlen(text)), strlen(text));
}

static int end(struct session *session)
{
	char chunk[512];
	ssize_t got;
	int status;

	while ((got = read(session->terminal_fd, chunk, sizeof(chunk))) > 0)
		assert_int_equal(buf_append(&session->seen, chunk, (size_t)got, NULL), 0);
	assert_int_equal(waitpid(session->pid, &status, 0), session->pid);
	(void)close(session->terminal_fd);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_CASE(test_asks_without_showing_what_is_typed)
{
	struct session session = begin(false);

	wait_for(&session, "Passphrase for key.pem: ");
	type(&session, "correct horse\n");
	assert_int_equal(end(&session), 0);
	assert_null(strstr(buf_text(&session.seen), "horse"));
	buf_clear(&session.seen);
}

TEST_CASE(test_asks_twice_for_a_new_key)
{
	struct session session = begin(true);

	wait_for(&session, "Passphrase for key.pem: ");
	type(&session, "correct horse\n");
	wait_for(&session, "Passphrase for key.pem again: ");
	type(&session, "correct horse\n");
	assert_int_equal(end(&session), 0);
	buf_clear(&session.seen);
}

TEST_CASE(test_one_passphrase_serves_all_keys_that_it_opens)
{
	struct folder folder;
	struct session session;

	folder_init(&folder);
	session = begin_child(init_and_refresh, &folder);
	wait_for(&session, "root-1.pem: ");
	type(&session, "correct horse\n");
	wait_for(&session, "root-1.pem again: ");
	type(&session, "correct horse\n");
	wait_for(&session, "timestamp.pem: ");
	type(&session, "correct horse\n");
	assert_int_equal(end(&session), 0);
	buf_clear(&session.seen);
	folder_clear(&folder);
}

TEST_CASE(test_control_c_ends_the_asking)
{
	struct session session = begin(false);

	wait_for(&session, "Passphrase for key.pem: ");
	type(&session, "corr\003\n");
	assert_int_equal(end(&session), 1);
	assert_non_null(strstr(buf_text(&session.seen), "no passphrase was given"));
	buf_clear(&session.seen);
}

TEST_CASE(test_refuses_two_that_differ)
{
	struct session session = begin(true);

	wait_for(&session, "Passphrase for key.pem: ");
	type(&session, "correct horse\n");
	wait_for(&session, "Passphrase for key.pem again: ");
	type(&session, "correct house\n");
	assert_int_equal(end(&session), 1);
	assert_non_null(strstr(buf_text(&session.seen), "the two passphrases differ"));
	buf_clear(&session.seen);
}

TEST_CASE(test_refuses_an_empty_one_for_a_new_key)
{
	struct session session = begin(true);

	wait_for(&session, "Passphrase for key.pem: ");
	type(&session, "\n");
	assert_int_equal(end(&session), 1);
	assert_non_null(strstr(buf_text(&session.seen), "an empty passphrase protects nothing"));
	buf_clear(&session.seen);
}

TESTS(NULL, NULL)
