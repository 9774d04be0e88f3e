/* Codes for terminals, and the authority whose certificates they get. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collector/roster/roster.h"
#include "collector/store/schema.h"
#include "common/fs.h"
#include "common/json.h"
#include "tools/collector/commands.h"
#include "tools/collector/settings.h"

/* ---- A code ---- */

static int print_code(const struct command_context *context, const struct enrolment *enrolment, const char *code,
	int64_t until_s, struct error *err)
{
	const char *address = *context->config->address ? context->config->address : "https://THIS-SERVER:PORT";
	char until[CLOCK_TEXT_SIZE];
	AUTO(json) json_t *answer = NULL;
	AUTO(buf) struct buf text = BUF_INIT(4096);

	(void)clock_text(until_s, until);
	if (!args_has(context->args, "json"))
		return printf("Code for %s, valid once and until %s:\n\n  %s\n\nOn the terminal, as its "
			      "administrator:\n\n  haishin enrol %s %s\n",
			       enrolment->name, until, code, address, code) < 0
			       ? error_set(err, ERROR_FAILED, "cannot print the code")
			       : 0;
	answer = JSON_OBJECT({
		json_text("name", enrolment->name),
		json_text("institution", enrolment->institution),
		json_text("ring", enrolment->ring),
		json_text("code", code),
		json_text("until", until),
		json_text("address", address),
	});
	if (!answer || json_write(answer, &text, err) < 0)
		return error_set(err, ERROR_FAILED, "no memory for an answer");
	return puts(buf_text(&text)) < 0 ? error_set(err, ERROR_FAILED, "cannot print the code") : 0;
}

static int read_order(const struct args *args, struct enrolment *ret_enrolment, struct error *err)
{
	const char *institution = args_get(args, "institution"), *ring = args_get(args, "ring");
	const char *const texts[] = {args_positional(args, 1), institution ? institution : "", ring ? ring : ""};
	char *const places[] = {ret_enrolment->name, ret_enrolment->institution, ret_enrolment->ring};
	const size_t sizes[] = {
		sizeof(ret_enrolment->name), sizeof(ret_enrolment->institution), sizeof(ret_enrolment->ring)};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (snprintf(places[i], sizes[i], "%s", texts[i]) >= (int)sizes[i])
			return error_set(err, ERROR_USAGE, "'%.80s' is too long: at most %zu bytes", texts[i], sizes[i] - 1);
	return 0;
}

/* Whoever bears the name of a role would be taken for its holder. */
static int check_name(const struct config *config, const struct enrolment *enrolment, struct error *err)
{
	const struct authority_bearer bearer = {
		.name = enrolment->name, .institution = enrolment->institution, .former = ""};
	char subject[AUTHORITY_SUBJECT_SIZE];

	if (authority_name(&bearer, subject, err) < 0)
		return -1;
	return config_role_of(config, subject)
		       ? error_set(err, ERROR_USAGE, "'%s' has a role in the settings: choose another name", subject)
		       : 0;
}

int command_enrol(const struct command_context *context, struct error *err)
{
	AUTO(database) struct database *database = NULL;
	int64_t now_s = context->clock->now_s(context->clock);
	struct enrolment enrolment = {0};
	char code[ENROLMENT_CODE_SIZE];

	if (!*context->config->authority_certificate)
		return error_set(err, ERROR_INPUT,
			"no certificates are issued here: set [authority] certificate, key and crl, then run "
			"haishin-collector --begin-authority");
	if (read_order(context->args, &enrolment, err) < 0 || check_name(context->config, &enrolment, err) < 0 ||
		database_open(context->config->store, &database, err) < 0 || schema_update(database, err) < 0 ||
		enrolment_make(database, &enrolment, now_s, code, err) < 0)
		return -1;
	return print_code(context, &enrolment, code, now_s + ENROLMENT_DAYS * INT64_C(86400), err);
}

/* ---- The authority ---- */

/* Makes the certificate, and the key where it is to be in a file. */
static int make_authority(const struct command_context *context, const char *name, struct error *err)
{
	const struct config *config = context->config;
	const struct private_key_place place = settings_authority_key(config);
	int64_t now_s = context->clock->now_s(context->clock);
	AUTO(buf) struct buf certificate = BUF_INIT(65536);
	AUTO(secret) struct buf key = BUF_INIT(65536);
	struct fs fs;

	fs_init(&fs);
	if (private_key_is_in_token(config->authority_key)) {
		if (authority_make_for(&place, name, now_s, &certificate, err) < 0)
			return -1;
	} else if (authority_make(name, now_s, &certificate, &key, err) < 0 ||
		   fs_write_file(&fs, AT_FDCWD, config->authority_key, key.data, key.len, 0600, err) < 0) {
		return -1;
	}
	return fs_write_file(
		&fs, AT_FDCWD, config->authority_certificate, certificate.data, certificate.len, 0644, err);
}

int command_begin_authority(const struct command_context *context, struct error *err)
{
	const struct config *config = context->config;
	char host[65] = "", name[128];
	struct fs fs;

	fs_init(&fs);
	if (!*config->authority_certificate)
		return error_set(err, ERROR_INPUT, "[authority] certificate, key and crl are not set");
	if (fs_exists(&fs, AT_FDCWD, config->authority_key) || fs_exists(&fs, AT_FDCWD, config->authority_certificate))
		return error_set(err, ERROR_USAGE, "there is an authority in '%s' already; nothing is made",
			config->authority_certificate);
	(void)gethostname(host, sizeof(host) - 1);
	(void)snprintf(name, sizeof(name), "haishin at %.50s", host);
	if (make_authority(context, name, err) < 0)
		return -1;
	(void)printf("An authority called '%s' is in %s. Terminals with its certificates are let in where %s "
		     "holds it.\n",
		name, config->authority_certificate, *config->client_ca ? config->client_ca : "the proxy's list");
	return 0;
}
