#include "tools/repo/keys/passphrase.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "common/auto.h"
#include "common/access/trusted_file.h"

#define CTRL_C 3

/* Reads up to the end of the line, one byte at a time: what stands behind it is somebody else's. */
static int read_line(int fd, struct buf *ret_line, struct error *err)
{
	char c;
	ssize_t got;

	while ((got = read(fd, &c, 1)) > 0 && c != '\n')
		if (c != '\r' && buf_append(ret_line, &c, 1, err) < 0)
			return error_context(err, "secret");
	return got < 0 ? error_system(err, errno, "cannot read the secret") : 0;
}

/* WHAT is "passphrase" or "PIN"; the options' names are given beside it. */
static int from_options(const struct args *args, const char *what, const char *file_option, const char *fd_option,
	struct buf *ret_secret, bool *ret_given, struct error *err)
{
	const char *path = args_get(args, file_option);
	AUTO(fd) int file_fd = -1;
	int64_t fd = -1;

	if (args_integer(args, fd_option, 0, 1023, &fd, err) < 0)
		return -1;
	*ret_given = path || fd >= 0;
	if (path && (file_fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		return error_system(err, errno, "cannot open %s file '%s'", what, path);
	if (path && trusted_file_check_secret(file_fd, path, err) < 0)
		return error_context(err, "%s file", what);
	if (!*ret_given)
		return 0;
	if (read_line(path ? file_fd : (int)fd, ret_secret, err) < 0)
		return -1;
	return ret_secret->len ? 0 : error_set(err, ERROR_INPUT, "the %s given is empty", what);
}

int passphrase_from_options(const struct args *args, struct buf *ret_passphrase, bool *ret_given, struct error *err)
{
	return from_options(args, "passphrase", "passphrase-file", "passphrase-fd", ret_passphrase, ret_given, err);
}

int pin_from_options(const struct args *args, struct buf *ret_pin, bool *ret_given, struct error *err)
{
	return from_options(args, "PIN", "pin-file", "pin-fd", ret_pin, ret_given, err);
}

/* SECRET is what is asked for, "passphrase" or "PIN". */
static int ask_once(int tty_fd, const char *secret, const char *what, const char *again, struct buf *ret_passphrase,
	struct error *err)
{
	struct termios shown;
	struct termios hidden;
	int ret;

	if (tcgetattr(tty_fd, &shown) < 0)
		return error_system(err, errno, "cannot hide what is typed");
	hidden = shown;
	hidden.c_lflag &= ~(tcflag_t)(ECHO | ISIG); /* ^C must not leave the terminal mute */
	if (tcsetattr(tty_fd, TCSAFLUSH, &hidden) < 0)
		return error_system(err, errno, "cannot hide what is typed");
	(void)dprintf(tty_fd, "%c%s for %s%s: ", toupper(secret[0]), secret + 1, what, again);
	ret = read_line(tty_fd, ret_passphrase, err);
	(void)tcsetattr(tty_fd, TCSAFLUSH, &shown);
	(void)dprintf(tty_fd, "\n");
	if (ret == 0 && memchr(buf_text(ret_passphrase), CTRL_C, ret_passphrase->len))
		return error_set(err, ERROR_STOPPED, "no %s was given", secret);
	return ret;
}

int passphrase_ask(const char *what, bool confirm, struct buf *ret_passphrase, struct error *err)
{
	AUTO(fd) int tty_fd = open("/dev/tty", O_RDWR | O_CLOEXEC);
	AUTO(secret) struct buf again = BUF_INIT(PASSPHRASE_MAX_BYTES);

	if (tty_fd < 0)
		return error_set(err, ERROR_USAGE,
			"%s needs a passphrase and there is no terminal to ask at: give --passphrase-file or "
			"--passphrase-fd",
			what);
	if (ask_once(tty_fd, "passphrase", what, "", ret_passphrase, err) < 0)
		return -1;
	if (!confirm)
		return 0;
	if (ret_passphrase->len == 0)
		return error_set(
			err, ERROR_INPUT, "an empty passphrase protects nothing; say --unencrypted if you mean it");
	if (ask_once(tty_fd, "passphrase", what, " again", &again, err) < 0)
		return -1;
	if (strcmp(buf_text(&again), buf_text(ret_passphrase)) != 0)
		return error_set(err, ERROR_INPUT, "the two passphrases differ");
	return 0;
}

int pin_ask(const char *token_label, struct buf *ret_pin, struct error *err)
{
	AUTO(fd) int tty_fd = open("/dev/tty", O_RDWR | O_CLOEXEC);

	if (tty_fd < 0)
		return error_set(err, ERROR_USAGE,
			"token '%s' wants its PIN and there is no terminal to ask at: give --pin-file or --pin-fd",
			token_label);
	return ask_once(tty_fd, "PIN", token_label, "", ret_pin, err);
}
