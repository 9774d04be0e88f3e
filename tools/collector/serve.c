/* Takes reports and answers questions, until it is told to end. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "collector/api/api_est.h"
#include "collector/http/web.h"
#include "collector/page/base/html.h"
#include "collector/reports/ed25519.h"
#include "collector/rollout/rollout_watch.h"
#include "collector/roster/registrar.h"
#include "collector/routes/routes.h"
#include "collector/store/schema.h"
#include "collector/store/secret.h"
#include "common/fs.h"
#include "common/web/listen.h"
#include "tools/collector/commands.h"
#include "tools/collector/settings.h"

#define GRACE_S 30

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

static int announce(const struct args *args, const struct config *config, unsigned int port, struct error *err)
{
	const char *port_file = args_get(args, "port-file");
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
	return port_file ? fs_write_file(&fs, AT_FDCWD, port_file, text, (size_t)len, 0644, err) : 0;
}

static int prepare_store(const char *url, char ret_secret[static SECRET_SIZE], struct error *err)
{
	AUTO(database) struct database *database = NULL;

	if (database_open(url, &database, err) < 0 || schema_update(database, err) < 0)
		return -1;
	return secret_load(database, "pseudonyms", ret_secret, err);
}

int command_begin_ledger(const struct command_context *context, struct error *err)
{
	const struct config *config = context->config;
	AUTO(buf) struct buf key = BUF_INIT(1024);

	if (!*config->ledger_folder)
		return error_set(err, ERROR_INPUT, "[ledger] folder, origin and key are not set");
	if (scribe_begin_ledger(config, &key, err) < 0)
		return -1;
	return printf("An empty ledger is in %s. Its key, for policies:\nlog %s\n", config->ledger_folder,
		       buf_text(&key)) < 0;
}

static int serve_until_told(
	const struct args *args, const struct web_setup *setup, unsigned int port, struct error *err)
{
	struct web *web;
	sigset_t signals;
	int caught, result;

	block_signals(&signals);
	if (web_start(setup, &web, err) < 0)
		return -1;
	if ((result = announce(args, setup->config, port, err)) == 0)
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

/* Opens the door behind which API answers; CRL as in web.h. */
static int open_and_serve(const struct args *args, struct api *api, struct crl *crl, struct error *err)
{
	AUTO(tls) struct tls tls = {0};
	AUTO(fd) int listen_fd = -1;
	unsigned int port;

	if (load_tls(api, &tls, err) < 0 || (listen_fd = open_door(api->config, &port, err)) < 0)
		return -1;
	struct web_setup setup = {
		.config = api->config,
		.tls = api->config->behind_proxy ? NULL : &tls,
		.crl = crl,
		.listen_fd = listen_fd,
		.clock = api->clock,
		.log = api->log,
		.is_for_anybody = api_est_is_for_anybody,
		.handle = routes_handle,
		.answered = routes_answered,
		.context = api,
	};
	return serve_until_told(args, &setup, port, err);
}

/* ---- Issuing certificates ---- */

/* What does so; all NULL where no authority is set. */
struct office {
	struct authority *authority;
	struct roster roster;
	struct registrar *registrar;
	struct crl *crl; /* what the registrar keeps */
};

static void office_close(struct office *office)
{
	crl_free(office->crl);
	registrar_close(office->registrar);
	authority_free(office->authority);
}
DEFINE_AUTO(office, struct office, office_close);

static int open_crl(const struct config *config, const struct log *log, struct crl **ret_crl, struct error *err)
{
	AUTO(buf) struct buf pem = BUF_INIT(1u << 20);
	struct fs fs;

	fs_init(&fs);
	if (fs_read_file(&fs, AT_FDCWD, config->authority_certificate, &pem, err) < 0)
		return -1;
	return crl_open(config->authority_crl, &pem, log, ret_crl, err);
}

static int office_open(struct office *office, struct api *api, struct error *err)
{
	const struct config *config = api->config;

	if (!*config->authority_certificate)
		return 0;
	if (settings_open_authority(config, api->clock, &office->authority, err) < 0)
		return -1;
	office->roster = (struct roster){.config = config, .authority = office->authority};
	if (registrar_open(&office->roster, api->clock, api->log, &office->registrar, err) < 0 ||
		open_crl(config, api->log, &office->crl, err) < 0)
		return -1;
	api->roster = &office->roster;
	return 0;
}

/* ---- The whole ---- */

/* What waits in one part is answered before the parts that it needs are closed. */
struct parts {
	struct quota *quota, *tries;
	struct intake *intake;
	struct rollout_watch rollouts; /* the overseer's */
	struct overseer *overseer;
	struct scribe *scribe;
	struct desk *desk;
};

static void parts_close(struct parts *parts)
{
	desk_close(parts->desk);
	scribe_close(parts->scribe);
	overseer_close(parts->overseer);
	intake_close(parts->intake);
	quota_close(parts->tries);
	quota_close(parts->quota);
}
DEFINE_AUTO(parts, struct parts, parts_close);

static void look_at_rollouts(void *context, struct database *database, bool is_holder, int64_t now_s)
{
	rollout_watch_look(context, database, is_holder, now_s);
}

static int parts_open(struct parts *parts, struct api *api, struct error *err)
{
	const struct config *config = api->config;
	const struct overseer_errand errand = {look_at_rollouts, &parts->rollouts};

	parts->rollouts = (struct rollout_watch){.config = config, .clock = api->clock, .log = api->log};
	if (quota_open(config->reports_per_hour, &parts->quota, err) < 0 ||
		quota_open(config->tries_per_hour, &parts->tries, err) < 0 ||
		intake_open(config, api->log, &parts->intake, err) < 0 ||
		overseer_open(config, api->clock, api->log, &errand, &parts->overseer, err) < 0 ||
		(*config->ledger_folder && scribe_open(config, api->clock, api->log, &parts->scribe, err) < 0) ||
		desk_open(config->store, routes_answer, api, &parts->desk, err) < 0)
		return -1;
	api->quota = parts->quota;
	api->tries = parts->tries;
	api->intake = parts->intake;
	api->overseer = parts->overseer;
	api->scribe = parts->scribe;
	api->desk = parts->desk;
	return 0;
}

int command_serve(const struct command_context *context, struct error *err)
{
	const struct config *config = context->config;
	AUTO(office) struct office office = {0};
	AUTO(parts) struct parts parts = {0};
	struct latency latency = {0};
	struct api api = {.config = config, .clock = context->clock, .log = context->log, .latency = &latency};
	sigset_t signals;

	block_signals(&signals);
	(void)umask(0077);
	if (html_find_words(err) < 0 || ed25519_begin(err) < 0 || allow_descriptors(config->connections, err) < 0 ||
		prepare_store(config->store, api.secret, err) < 0 || office_open(&office, &api, err) < 0 ||
		parts_open(&parts, &api, err) < 0)
		return -1;
	if (open_and_serve(context->args, &api, office.crl, err) < 0)
		return -1;
	return parts.scribe ? scribe_check(parts.scribe, err) : 0;
}
