/* --check: all that is wrong with the settings and the files they name, at once. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "collector/ledger/quill.h"
#include "collector/rollout/brake_statement.h"
#include "collector/rollout/candidates.h"
#include "common/fs.h"
#include "common/web/tls.h"
#include "tools/collector/commands.h"
#include "tools/collector/settings.h"

struct check {
	const struct command_context *context;
	size_t wrong;
};

static void complain(struct check *check, const struct error *err)
{
	check->wrong++;
	log_line(check->context->log, LOG_LEVEL_ERROR, "%s", err->text);
}

/* ---- Files ---- */

static void check_tls(struct check *check)
{
	const struct config *config = check->context->config;
	const struct tls_files files = {.certificate = config->tls_certificate,
		.key = config->tls_key,
		.client_ca = config->client_ca,
		.client_crl = config->client_crl};
	const struct clock *clock = check->context->clock;
	AUTO(tls) struct tls tls = {0};
	struct error err = {0};

	if (!config->behind_proxy && tls_load(&files, clock->now_s(clock), check->context->log, &tls, &err) < 0)
		complain(check, &err);
}

/* A terminal that enrols here must be let in afterwards. */
static int check_is_let_in(const struct config *config, struct error *err)
{
	AUTO(buf) struct buf own = BUF_INIT(65536), trusted = BUF_INIT(1u << 20);
	struct fs fs;

	fs_init(&fs);
	if (config->behind_proxy)
		return 0;
	if (fs_read_file(&fs, AT_FDCWD, config->authority_certificate, &own, err) < 0 ||
		fs_read_file(&fs, AT_FDCWD, config->client_ca, &trusted, err) < 0)
		return -1;
	return authority_is_among(buf_text(&own), buf_text(&trusted))
		       ? 0
		       : error_set(err, ERROR_INPUT,
				 "[collector] client_ca '%s' does not hold [authority] certificate '%s': terminals that enrol "
				 "would not be let in",
				 config->client_ca, config->authority_certificate);
}

static void check_authority(struct check *check)
{
	const struct config *config = check->context->config;
	AUTO(authority) struct authority *authority = NULL;
	struct error err = {0};

	if (!*config->authority_certificate)
		return;
	if (settings_open_authority(config, check->context->clock, &authority, &err) < 0 ||
		check_is_let_in(config, &err) < 0)
		complain(check, &err);
}

static void check_ledger(struct check *check)
{
	const struct config *config = check->context->config;
	AUTO(fd) int folder_fd = -1;
	struct error err = {0};
	struct fs fs;

	fs_init(&fs);
	if (!*config->ledger_folder)
		return;
	if (quill_check(config, &err) < 0) {
		complain(check, &err);
		err = (struct error){0};
	}
	if ((folder_fd = fs_open_dir(&fs, AT_FDCWD, config->ledger_folder, &err)) < 0) {
		(void)error_context(&err, "[ledger] folder; haishin-collector --begin-ledger makes it");
		complain(check, &err);
	}
}

/* The statement takes its place by a file beside it. */
static int check_brake_file(const char *path, struct error *err)
{
	const char *slash = strrchr(path, '/');
	char folder[CONFIG_TEXT_SIZE];

	(void)snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - path) + 1 : 1, slash ? path : ".");
	if (!*path || access(folder, W_OK) == 0)
		return 0;
	return error_system(err, errno, "[brake] file: the folder of '%s'", path);
}

static void check_brake(struct check *check)
{
	const struct config *config = check->context->config;
	AUTO(catalog) struct catalog *catalog = NULL;
	AUTO(signer) struct signer *signer = NULL;
	struct error err = {0};

	if (!*config->brake_key)
		return;
	if (!(signer = brake_statement_read_key(config, &err))) {
		complain(check, &err);
		err = (struct error){0};
	}
	if (candidates_read(config->metadata_repository, &catalog, &err) < 0) {
		(void)error_context(&err, "[metadata] repository, of which [brake] needs the catalog");
		complain(check, &err);
		err = (struct error){0};
	}
	if (check_brake_file(config->brake_file, &err) < 0)
		complain(check, &err);
}

/* ---- The store ---- */

/* One that is not there yet is made at the start; its folder is not. */
static int check_store_file(const char *path, struct error *err)
{
	const char *slash = strrchr(path, '/');
	char folder[CONFIG_TEXT_SIZE];

	(void)snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - path) + 1 : 1, slash ? path : ".");
	if (access(folder, F_OK) == 0)
		return 0;
	return error_system(err, errno, "[store] url: the folder of '%s'", path);
}

static void check_store(struct check *check)
{
	const char *url = check->context->config->store;
	AUTO(database) struct database *database = NULL;
	struct error err = {0};

	if ((strstr(url, "://") || access(url, F_OK) == 0 ? database_open(url, &database, &err)
							 : check_store_file(url, &err)) < 0)
		complain(check, &err);
}

/* ---- Roles ---- */

static bool is_subject(const char *subject)
{
	const char *equals = strchr(subject, '=');

	return *subject != '/' && equals && equals > subject && equals[1] && !strstr(subject, ", ") &&
	       !strstr(subject, " = ");
}

static void check_role(struct check *check, const struct config_role *role)
{
	struct error err = {0};

	if (is_subject(role->subject))
		return;
	(void)error_set(&err, ERROR_INPUT,
		"[role %s] subject '%s' fits no certificate: it is written as 'openssl x509 -noout -subject -nameopt "
		"RFC2253' prints it, such as CN=Tanaka,O=Operator",
		role->name, role->subject);
	complain(check, &err);
}

static void check_roles(struct check *check)
{
	const struct config *config = check->context->config;
	bool has_operator = false;
	struct error err = {0};

	for (size_t i = 0; i < config->roles_count; i++) {
		const struct config_role *role = &config->roles[i], *first = config_role_of(config, role->subject);

		has_operator |= role->kind == ROLE_OPERATOR;
		check_role(check, role);
		if (first == role)
			continue;
		(void)error_set(&err, ERROR_INPUT, "[role %s] has the subject of [role %s]: it is never given", role->name,
			first->name);
		complain(check, &err);
	}
	if (!has_operator)
		log_line(check->context->log, LOG_LEVEL_WARNING,
			"no [role] is = operator: reports are taken, and nobody may look at the fleet");
}

int command_check(const struct command_context *context, struct error *err)
{
	struct check check = {.context = context};

	check_tls(&check);
	check_authority(&check);
	check_ledger(&check);
	check_brake(&check);
	check_store(&check);
	check_roles(&check);
	if (check.wrong)
		return error_set(err, ERROR_INPUT, "%zu of the settings do not fit", check.wrong);
	return puts("nothing is wrong") < 0;
}
