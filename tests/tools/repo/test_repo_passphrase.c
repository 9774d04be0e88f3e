/* Passphrases typed at a terminal. */
#include "tests/support/test.h"

#include <stdio.h>
#include <unistd.h>

#include "common/buf.h"
#include "tests/support/folder.h"
#include "tests/support/pseudo_terminal.h"
#include "tools/repo/commands/commands.h"
#include "tools/repo/keys/passphrase.h"

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

static struct pseudo_terminal begin(const bool *confirm)
{
	return pseudo_terminal_begin(80, ask, confirm);
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

TEST_CASE(test_asks_without_showing_what_is_typed)
{
	struct pseudo_terminal terminal = begin(&(bool){false});

	pseudo_terminal_await(&terminal, "Passphrase for key.pem: ");
	pseudo_terminal_type(&terminal, "correct horse\n");
	assert_int_equal(pseudo_terminal_end(&terminal), 0);
	assert_null(strstr(buf_text(&terminal.seen), "horse"));
	buf_clear(&terminal.seen);
}

TEST_CASE(test_asks_twice_for_a_new_key)
{
	struct pseudo_terminal terminal = begin(&(bool){true});

	pseudo_terminal_await(&terminal, "Passphrase for key.pem: ");
	pseudo_terminal_type(&terminal, "correct horse\n");
	pseudo_terminal_await(&terminal, "Passphrase for key.pem again: ");
	pseudo_terminal_type(&terminal, "correct horse\n");
	assert_int_equal(pseudo_terminal_end(&terminal), 0);
	buf_clear(&terminal.seen);
}

TEST_CASE(test_one_passphrase_serves_all_keys_that_it_opens)
{
	struct folder folder;
	struct pseudo_terminal terminal;

	folder_init(&folder);
	terminal = pseudo_terminal_begin(80, init_and_refresh, &folder);
	pseudo_terminal_await(&terminal, "root-1.pem: ");
	pseudo_terminal_type(&terminal, "correct horse\n");
	pseudo_terminal_await(&terminal, "root-1.pem again: ");
	pseudo_terminal_type(&terminal, "correct horse\n");
	pseudo_terminal_await(&terminal, "timestamp.pem: ");
	pseudo_terminal_type(&terminal, "correct horse\n");
	assert_int_equal(pseudo_terminal_end(&terminal), 0);
	buf_clear(&terminal.seen);
	folder_clear(&folder);
}

TEST_CASE(test_control_c_ends_the_asking)
{
	struct pseudo_terminal terminal = begin(&(bool){false});

	pseudo_terminal_await(&terminal, "Passphrase for key.pem: ");
	pseudo_terminal_type(&terminal, "corr\003\n");
	assert_int_equal(pseudo_terminal_end(&terminal), 1);
	assert_non_null(strstr(buf_text(&terminal.seen), "no passphrase was given"));
	buf_clear(&terminal.seen);
}

TEST_CASE(test_refuses_two_that_differ)
{
	struct pseudo_terminal terminal = begin(&(bool){true});

	pseudo_terminal_await(&terminal, "Passphrase for key.pem: ");
	pseudo_terminal_type(&terminal, "correct horse\n");
	pseudo_terminal_await(&terminal, "Passphrase for key.pem again: ");
	pseudo_terminal_type(&terminal, "correct house\n");
	assert_int_equal(pseudo_terminal_end(&terminal), 1);
	assert_non_null(strstr(buf_text(&terminal.seen), "the two passphrases differ"));
	buf_clear(&terminal.seen);
}

TEST_CASE(test_refuses_an_empty_one_for_a_new_key)
{
	struct pseudo_terminal terminal = begin(&(bool){true});

	pseudo_terminal_await(&terminal, "Passphrase for key.pem: ");
	pseudo_terminal_type(&terminal, "\n");
	assert_int_equal(pseudo_terminal_end(&terminal), 1);
	assert_non_null(strstr(buf_text(&terminal.seen), "an empty passphrase protects nothing"));
	buf_clear(&terminal.seen);
}

TESTS(NULL, NULL)
