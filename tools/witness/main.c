/* haishin-witness: cosigns checkpoints of logs that it is told of, for anybody (docs/ledger.md). */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "common/access/trusted_file.h"
#include "common/clock.h"
#include "common/fs.h"
#include "common/log.h"
#include "common/web/listen.h"
#include "common/command_line/args.h"
#include "common/command_line/language.h"
#include "tools/witness/witness.h"
#include "tools/witness/witness_http.h"
#include "tools/witness/witness_key.h"

static const struct args_option options[] = {
	{"key", "FILE",
		N_("the witness's own key, which nobody but its owner may read; or the pkcs11: URI of one in a "
		   "token")},
	{"pin-file", "FILE", N_("the PIN of that token")},
	{"name", "NAME", N_("the witness's name, such as witness.example.jp/w1; it never changes")},
	{"logs", "FILE", N_("the logs to cosign for: a line 'log KEY' each, and 'quorum none'")},
	{"store", "FILE", N_("what was cosigned (SQLite); never go back to an older copy of it")},
	{"listen", "ADDRESS:PORT", N_("such as 127.0.0.1:8080; port 0 takes a free one and prints it")},
	{"port-file", "FILE", N_("write the port to FILE once connections are accepted")},
	ARGS_HELP,
	ARGS_VERSION,
	{0},
};

static void print_help(void)
{
	(void)puts(
		_("Usage: haishin-witness new-key --key FILE --name NAME\n"
		  "       haishin-witness show-key --key FILE --name NAME\n"
		  "       haishin-witness serve --key FILE --name NAME --logs FILE --store FILE --listen "
		  "ADDRESS:PORT\n"
		  "\n"
		  "Cosigns the checkpoints of transparency logs, and never two that contradict each other. new-key "
		  "makes\n"
		  "the witness's key; both it and show-key print the line by which others know the witness.\n"));
	args_print_help(options);
}

static int print_key(const struct vkey *key, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(1024);

	if (vkey_write(key, &text, err) < 0)
		return -1;
	(void)puts(buf_text(&text));
	return fflush(stdout) == 0 ? 0 : error_set(err, ERROR_FAILED, "cannot print the key");
}

static int open_key(const struct args *args, struct signer **ret_signer, struct vkey *ret_key, struct error *err)
{
	const char *file, *name;
	struct fs fs;

	fs_init(&fs);
	if (args_want(args, "key", &file, err) < 0 || args_want(args, "name", &name, err) < 0 ||
		!(*ret_signer = witness_key_read(&fs, file, args_get(args, "pin-file"), err)))
		return -1;
	return vkey_of_signer(*ret_signer, name, VKEY_COSIGNATURE, ret_key, err);
}

static int show_key(const struct args *args, struct error *err)
{
	AUTO(signer) struct signer *signer = NULL;
	struct vkey key;

	return open_key(args, &signer, &key, err) < 0 ? -1 : print_key(&key, err);
}

static int new_key(const struct args *args, struct error *err)
{
	const char *file, *name;
	struct fs fs;

	fs_init(&fs);
	if (args_want(args, "key", &file, err) < 0 || args_want(args, "name", &name, err) < 0)
		return -1;
	if (!vkey_name_is_valid(SPAN(name)))
		return error_set(
			err, ERROR_USAGE, "'%.64s' cannot be a witness's name: no spaces and no plus sign", name);
	return witness_key_make(&fs, file, err) < 0 ? -1 : show_key(args, err);
}

/* ---- Serving ---- */

static struct policy *read_logs(const char *path, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(POLICY_MAX_BYTES);
	struct policy *logs = NULL;
	struct fs fs;

	fs_init(&fs);
	if (trusted_file_read(&fs, AT_FDCWD, path, &text, err) == 0 &&
		!(logs = policy_parse((struct span){buf_text(&text), text.len}, err)))
		(void)error_context(err, "'%s'", path);
	if (logs && logs->log_count == 0) {
		policy_free(logs);
		(void)error_set(err, ERROR_INPUT, "'%s' names no log: write a line 'log KEY' for each", path);
		return NULL;
	}
	return logs;
}

static void block_signals(sigset_t *ret_signals)
{
	(void)sigemptyset(ret_signals);
	(void)sigaddset(ret_signals, SIGTERM);
	(void)sigaddset(ret_signals, SIGINT);
	(void)pthread_sigmask(SIG_BLOCK, ret_signals, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
}

static int announce(const struct args *args, const char *address, unsigned int port, struct error *err)
{
	const char *port_file = args_get(args, "port-file"), *colon = strrchr(address, ':');
	char text[16];
	struct fs fs;
	int len = snprintf(text, sizeof(text), "%u\n", port);

	fs_init(&fs);
	if (port_file && fs_write_file(&fs, AT_FDCWD, port_file, text, (size_t)len, 0644, err) < 0)
		return -1;
	(void)printf(_("listening at http://%.*s:%u\n"), (int)(colon - address), address, port);
	return fflush(stdout) == 0 ? 0 : error_set(err, ERROR_FAILED, "cannot say where it listens");
}

static int serve_until_told(
	const struct args *args, struct witness *witness, const struct log *log, struct error *err)
{
	struct witness_http *http;
	const char *address;
	unsigned int port;
	sigset_t signals;
	int caught, result, fd;

	block_signals(&signals);
	if (args_want(args, "listen", &address, err) < 0 || (fd = listen_open(address, &port, err)) < 0 ||
		!(http = witness_http_start(witness, fd, log, err)))
		return -1;
	if ((result = announce(args, address, port, err)) == 0)
		(void)sigwait(&signals, &caught);
	witness_http_stop(http);
	return result;
}

static int serve(const struct args *args, const struct log *log, struct error *err)
{
	AUTO(signer) struct signer *signer = NULL;
	AUTO(policy) struct policy *logs = NULL;
	AUTO(witness_store) struct witness_store *store = NULL;
	const char *logs_file, *store_file;
	struct clock clock;
	struct vkey key;

	clock_init(&clock, "/proc/sys/kernel/random/boot_id");
	if (open_key(args, &signer, &key, err) < 0 || args_want(args, "logs", &logs_file, err) < 0 ||
		args_want(args, "store", &store_file, err) < 0 || !(logs = read_logs(logs_file, err)) ||
		!(store = witness_store_open(store_file, err)) || print_key(&key, err) < 0)
		return -1;
	struct witness witness = {.logs = logs, .key = &key, .signer = signer, .clock = &clock, .store = store};
	return serve_until_told(args, &witness, log, err);
}

static int run(const struct args *args, const struct log *log, struct error *err)
{
	const char *verb = args_positional(args, 0);

	if (args_want_positional(args, 1, 1, "new-key, show-key or serve", err) < 0)
		return -1;
	if (strcmp(verb, "new-key") == 0)
		return new_key(args, err);
	if (strcmp(verb, "show-key") == 0)
		return show_key(args, err);
	if (strcmp(verb, "serve") == 0)
		return serve(args, log, err);
	return error_set(err, ERROR_USAGE, "'%.64s' is none of new-key, show-key and serve", verb);
}

int main(int argc, char **argv)
{
	struct error err = {0};
	struct args args;
	struct log log;

	language_choose("haishin-witness");
	log_init(&log, "haishin-witness");
	if (args_init(&args, ARGS_TABLES(options), argc - 1, argv + 1, &err) == 0) {
		if (args_has(&args, "help")) {
			print_help();
			return fflush(stdout) != 0;
		}
		if (args_has(&args, "version"))
			return printf("haishin-witness %s\n", HAISHIN_VERSION) < 0;
		if (run(&args, &log, &err) == 0)
			return 0;
	}
	log_line(&log, LOG_LEVEL_ERROR, "%s", err.text);
	return error_exit_status(err.code);
}
