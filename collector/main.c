/* haishin-collector: the fleet's side. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "collector/http/web.h"
#include "collector/page/base/html.h"
#include "collector/routes/routes.h"
#include "collector/store/schema.h"
#include "collector/store/secret.h"
#include "common/fs.h"
#include "common/web/listen.h"

#define SETTINGS_FILE "/etc/haishin-collector/collector.conf"
#define GRACE_S 30

static const char help[] =
	"Usage: haishin-collector [--config FILE] [--set SECTION.KEY=VALUE...] [--port-file FILE]\n"
	"                         [--check | --begin-ledger]\n"
	"Takes the reports of terminals, and answers operators, vendors and auditors.\n"
	"\n"
	"  --config FILE            settings; default: " SETTINGS_FILE "\n"
	"  --set SECTION.KEY=VALUE  a setting in place of the file's, such as store.url=/tmp/collector.db\n"
	"  --store URL              the same as --set store.url=URL\n"
	"  --port-file FILE         write the port to FILE once connections are accepted\n"
	"  --begin-ledger           make an empty ledger as the settings say, print its key, and end\n"
	"  --check                  read the settings, say what is wrong with them, and end\n"
	"  --help, --version\n";

struct options {
	const char *config_file;
	const char *port_file;
	bool check, begin_ledger, help, version;
};

/* ---- Command line ---- */

static int set_option(struct config *config, const char *text, struct error *err)
{
	const char *equals = strchr(text, '='), *dot = equals ? memchr(text, '.', (size_t)(equals - text)) : NULL;
	char section[96], key[64];

	if (!dot || (size_t)(dot - text) >= sizeof(section) || (size_t)(equals - dot) > sizeof(key))
		return error_set(err, ERROR_USAGE, "--set '%s' has not the form SECTION.KEY=VALUE", text);
	(void)snprintf(section, sizeof(section), "%.*s", (int)(dot - text), text);
	(void)snprintf(key, sizeof(key), "%.*s", (int)(equals - dot - 1), dot + 1);
	return config_set(config, section, key, equals + 1, err);
}

enum {
	OPTION_CONFIG = 1,
	OPTION_SET,
	OPTION_STORE,
	OPTION_PORT_FILE,
	OPTION_CHECK,
	OPTION_BEGIN_LEDGER,
	OPTION_HELP,
	OPTION_VERSION
};

static const struct option long_options[] = {
	{"config", required_argument, NULL, OPTION_CONFIG},
	{"set", required_argument, NULL, OPTION_SET},
	{"store", required_argument, NULL, OPTION_STORE},
	{"port-file", required_argument, NULL, OPTION_PORT_FILE},
	{"check", no_argument, NULL, OPTION_CHECK},
	{"begin-ledger", no_argument, NULL, OPTION_BEGIN_LEDGER},
	{"help", no_argument, NULL, OPTION_HELP},
	{"version", no_argument, NULL, OPTION_VERSION},
	{0},
};

/* First what says how to begin; then, CONFIG being loaded, the settings. */
static int take_options(int argc, char **argv, struct options *ret_options, struct config *config, struct error *err)
{
	int option;

	opterr = 0;
	optind = 1;
	while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		if (option == '?')
			return error_set(err, ERROR_USAGE,
				"'%s' is not understood, or its value is missing; see --help", argv[optind - 1]);
		if (option == OPTION_CONFIG)
			ret_options->config_file = optarg;
		if (option == OPTION_PORT_FILE)
			ret_options->port_file = optarg;
		ret_options->check |= option == OPTION_CHECK;
		ret_options->begin_ledger |= option == OPTION_BEGIN_LEDGER;
		ret_options->help |= option == OPTION_HELP;
		ret_options->version |= option == OPTION_VERSION;
		if (config && option == OPTION_SET && set_option(config, optarg, err) < 0)
			return -1;
		if (config && option == OPTION_STORE && config_set(config, "store", "url", optarg, err) < 0)
			return -1;
	}
	if (optind < argc)
		return error_set(err, ERROR_USAGE, "'%s' is not understood; see --help", argv[optind]);
	return 0;
}

static int load_settings(int argc, char **argv, struct options *options, struct config *ret_config, struct error *err)
{
	if (config_load(options->config_file ? options->config_file : SETTINGS_FILE, ret_config, err) < 0 ||
		take_options(argc, argv, options, ret_config, err) < 0)
		return -1;
	return config_check(ret_config, err);
}

/* ---- Serving ---- */

static void block_signals(sigset_t *ret_signals)
{
	(void)sigemptyset(ret_signals);
	(void)sigaddset(ret_signals, SIGTERM);
	(void)sigaddset(ret_signals, SIGINT);
	(void)pthread_sigmask(SIG_BLOCK, ret_signals, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
}

/* Each connection needs a descriptor, and the store and the log need some. */
static int allow_descriptors(int64_t connections, struct error *err)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return error_system(err, errno, "cannot ask how many files may be open");
	if (limit.rlim_cur < (rlim_t)connections + 64)
		limit.rlim_cur = (rlim_t)connections + 64;
	if (limit.rlim_cur > limit.rlim_max)
		return error_set(err, ERROR_INPUT,
			"[collector] connections = %lld needs more open files than this process may have (%llu): "
			"raise "
			"LimitNOFILE= or lower connections",
			(long long)connections, (unsigned long long)limit.rlim_max);
	return setrlimit(RLIMIT_NOFILE, &limit) < 0 ? error_system(err, errno, "cannot open more files") : 0;
}

static int announce(const struct options *options, const struct config *config, unsigned int port, struct error *err)
{
	const char *scheme = config->behind_proxy ? "http" : "https", *colon = strrchr(config->listen, ':');
	char text[16];
	struct fs fs;
	int len;

	fs_init(&fs);
	if (port == 0)
		(void)printf("listening at %s\n", config->listen);
	else
		(void)printf(
			"listening at %s://%.*s:%u\n", scheme, (int)(colon - config->listen), config->listen, port);
	if (fflush(stdout) != 0)
		return error_system(err, errno, "cannot say where it listens");
	len = snprintf(text, sizeof(text), "%u\n", port);
	return options->port_file ? fs_write_file(&fs, AT_FDCWD, options->port_file, text, (size_t)len, 0644, err)
				  : 0;
}

static int prepare_store(const char *url, char ret_secret[static SECRET_SIZE], struct error *err)
{
	AUTO(database) struct database *database = NULL;

	if (database_open(url, &database, err) < 0 || schema_update(database, err) < 0)
		return -1;
	return secret_load(database, "pseudonyms", ret_secret, err);
}

static int begin_ledger(const struct config *config, struct error *err)
{
	AUTO(buf) struct buf key = BUF_INIT(1024);

	if (!*config->ledger_folder)
		return error_set(err, ERROR_INPUT, "[ledger] folder, origin and key are not set");
	if (scribe_begin_ledger(config, &key, err) < 0)
		return -1;
	return printf("An empty ledger is in %s. Its key, for policies:\nlog %s\n", config->ledger_folder,
		       buf_text(&key)) < 0;
}

static int serve_until_told(
	const struct options *options, const struct web_setup *setup, unsigned int port, struct error *err)
{
	struct web *web;
	sigset_t signals;
	int caught, result;

	block_signals(&signals);
	if (web_start(setup, &web, err) < 0)
		return -1;
	if ((result = announce(options, setup->config, port, err)) == 0)
		(void)sigwait(&signals, &caught);
	web_stop(web, GRACE_S);
	return result;
}

static int open_door(const struct config *config, unsigned int *ret_port, struct error *err)
{
	*ret_port = 0;
	return strncmp(config->listen, "unix:", 5) == 0 ? listen_open_path(config->listen + 5, err)
							: listen_open(config->listen, ret_port, err);
}

static int load_tls(const struct api *api, struct tls *ret_tls, struct error *err)
{
	const struct tls_files files = {
		.certificate = api->config->tls_certificate,
		.key = api->config->tls_key,
		.client_ca = api->config->client_ca,
		.client_crl = api->config->client_crl,
	};

	if (api->config->behind_proxy)
		return 0;
	return tls_load(&files, api->clock->now_s(api->clock), api->log, ret_tls, err);
}

/* Opens the door behind which API answers. */
static int open_and_serve(const struct options *options, struct api *api, struct error *err)
{
	AUTO(tls) struct tls tls = {0};
	AUTO(fd) int listen_fd = -1;
	unsigned int port;

	if (load_tls(api, &tls, err) < 0 || (listen_fd = open_door(api->config, &port, err)) < 0)
		return -1;
	struct web_setup setup = {
		.config = api->config,
		.tls = api->config->behind_proxy ? NULL : &tls,
		.listen_fd = listen_fd,
		.clock = api->clock,
		.log = api->log,
		.handle = routes_handle,
		.answered = routes_answered,
		.context = api,
	};
	return serve_until_told(options, &setup, port, err);
}

static int serve(const struct options *options, const struct config *config, const struct log *log, struct error *err)
{
	AUTO(quota) struct quota *quota = NULL;
	AUTO(intake) struct intake *intake = NULL;
	AUTO(overseer) struct overseer *overseer = NULL;
	AUTO(scribe) struct scribe *scribe = NULL;
	AUTO(desk) struct desk *desk = NULL;
	struct latency latency = {0};
	struct clock clock;
	struct api api = {.config = config, .clock = &clock, .log = log, .latency = &latency};
	sigset_t signals;

	block_signals(&signals);
	(void)umask(0077);
	clock_init(&clock, "/proc/sys/kernel/random/boot_id");
	if (html_find_words(err) < 0)
		return -1;
	if (allow_descriptors(config->connections, err) < 0 || prepare_store(config->store, api.secret, err) < 0 ||
		quota_open(config->reports_per_hour, &quota, err) < 0 || intake_open(config, log, &intake, err) < 0 ||
		overseer_open(config, &clock, log, &overseer, err) < 0 ||
		(*config->ledger_folder && scribe_open(config, &clock, log, &scribe, err) < 0) ||
		desk_open(config->store, routes_answer, &api, &desk, err) < 0)
		return -1;
	api.quota = quota;
	api.intake = intake;
	api.overseer = overseer;
	api.desk = desk;
	api.scribe = scribe;
	return open_and_serve(options, &api, err);
}

static int act(const struct options *options, const struct config *config, const struct log *log, struct error *err)
{
	if (options->check)
		return 0;
	return options->begin_ledger ? begin_ledger(config, err) : serve(options, config, log, err);
}

int main(int argc, char **argv)
{
	AUTO(config) struct config config = {0};
	struct options options = {0};
	struct error err = {0};
	struct log log;

	log_init(&log, "haishin-collector");
	if (take_options(argc, argv, &options, NULL, &err) == 0) {
		if (options.help)
			return fputs(help, stdout) < 0;
		if (options.version)
			return printf("haishin-collector %s\n", HAISHIN_VERSION) < 0;
		if (load_settings(argc, argv, &options, &config, &err) == 0 &&
			act(&options, &config, &log, &err) == 0)
			return 0;
	}
	log_line(&log, LOG_LEVEL_ERROR, "%s", err.text);
	return error_exit_status(err.code);
}
