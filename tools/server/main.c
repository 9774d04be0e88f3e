/* haishin-server: serves a repository's files over HTTPS and collects reports (docs/server.md). */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "common/auto.h"
#include "common/clock.h"
#include "common/fs.h"
#include "common/log.h"
#include "common/web/listen.h"
#include "tools/server/access_log.h"
#include "tools/server/options.h"
#include "tools/server/server.h"

/* What is being answered when the server is asked to stop may take so long to end. */
#define GRACE_S 10

/* Descriptors for connections, the file each may be reading, and ourselves. */
static int allow_descriptors(int64_t most_connections, struct error *err)
{
	rlim_t needed = (rlim_t)most_connections * 2 + 64;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return error_system(err, errno, "cannot tell how many descriptors are allowed");
	if (limit.rlim_max != RLIM_INFINITY && limit.rlim_max < needed)
		return error_set(err, ERROR_USAGE,
			"--max-connections %" PRId64 " needs %" PRIu64 " descriptors and %" PRIu64
			" are allowed: raise the limit (ulimit -n) or ask for fewer",
			most_connections, (uint64_t)needed, (uint64_t)limit.rlim_max);
	if (limit.rlim_cur < needed) {
		limit.rlim_cur = needed;
		if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
			return error_system(err, errno, "cannot raise the number of descriptors");
	}
	return 0;
}

static int announce(const struct server_options *options, unsigned int port, struct error *err)
{
	const char *colon = strrchr(options->listen, ':');
	char text[16];
	struct fs fs;
	int len = snprintf(text, sizeof(text), "%u\n", port);

	fs_init(&fs);
	if (options->port_file && fs_write_file(&fs, AT_FDCWD, options->port_file, text, (size_t)len, 0644, err) < 0)
		return -1;
	(void)printf("listening at %s://%.*s:%u\n", options->insecure_http ? "http" : "https",
		(int)(colon - options->listen), options->listen, port);
	(void)fflush(stdout);
	return 0;
}

/* The signals that end us reach only the thread that waits for them. */
static void block_signals(sigset_t *ret_signals)
{
	(void)sigemptyset(ret_signals);
	(void)sigaddset(ret_signals, SIGTERM);
	(void)sigaddset(ret_signals, SIGINT);
	(void)pthread_sigmask(SIG_BLOCK, ret_signals, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
}

static int serve_until_told(const struct server_setup *setup, unsigned int port, struct error *err)
{
	struct server *server;
	sigset_t signals;
	int caught, result;

	block_signals(&signals);
	if (server_start(setup, &server, err) < 0)
		return -1;
	if ((result = announce(setup->options, port, err)) == 0)
		(void)sigwait(&signals, &caught);
	server_stop(server, GRACE_S);
	return result;
}

static int serve(const struct server_options *options, const struct log *log, struct error *err)
{
	AUTO(fd) int root_fd = -1;
	AUTO(fd) int listen_fd = -1;
	AUTO(fd) int access_log_fd = -1;
	AUTO(reports) struct reports *reports = NULL;
	AUTO(tls) struct tls tls = {0};
	struct tls_files files = {
		.certificate = options->tls_certificate,
		.key = options->tls_key,
		.client_ca = options->client_ca,
		.client_crl = options->client_crl,
	};
	struct clock clock;
	struct fs fs;
	unsigned int port;

	fs_init(&fs);
	clock_init(&clock, "/proc/sys/kernel/random/boot_id");
	if ((root_fd = fs_open_dir(&fs, AT_FDCWD, options->root, err)) < 0)
		return error_context(err, "--root");
	if (!options->insecure_http && tls_load(&files, clock.now_s(&clock), log, &tls, err) < 0)
		return -1;
	if ((options->access_log && (access_log_fd = access_log_open(options->access_log, err)) < 0) ||
		(options->reports && reports_open(options->reports, REPORTS_MOST, (uint64_t)options->most_reports,
					     &reports, err) < 0) ||
		allow_descriptors(options->most_connections, err) < 0 ||
		(listen_fd = listen_open(options->listen, &port, err)) < 0)
		return -1;
	struct server_setup setup = {
		.root_fd = root_fd,
		.listen_fd = listen_fd,
		.access_log_fd = access_log_fd,
		.tls = options->insecure_http ? NULL : &tls,
		.reports = reports,
		.clock = &clock,
		.log = log,
		.options = options,
	};
	return serve_until_told(&setup, port, err);
}

int main(int argc, char **argv)
{
	struct server_options options = {0};
	struct error err = {0};
	struct log log;

	log_init(&log, "haishin-server");
	if (options_parse(argc, argv, &options, &err) == 0) {
		if (options.help) {
			options_print_help();
			return fflush(stdout) != 0;
		}
		if (options.version)
			return printf("haishin-server %s\n", HAISHIN_VERSION) < 0;
		if (serve(&options, &log, &err) == 0)
			return 0;
	}
	log_line(&log, LOG_LEVEL_ERROR, "%s", err.text);
	return error_exit_status(err.code);
}
