#include <stdio.h>
#include <string.h>

#include "agent/control/method.h"
#include "agent/restart/release_file.h"
#include "agent/server/distribution.h"
#include "agent/status/explain.h"
#include "agent/status/status_collect.h"
#include "common/text.h"
#include "manifests/release/release_notes.h"
#include "rollback/versions.h"

/* NULL for "" and for what is not UTF-8: the member is then left out. */
static const char *text_or_null(const char *text)
{
	return *text && text_is_utf8(text, strlen(text)) ? text : NULL;
}

static json_t *gate_json(enum explain_gate gate, const struct explain_answer *answer)
{
	return JSON_OBJECT({
		json_text("gate", explain_gate_name(gate)),
		json_flag("open", answer->open),
		json_text_or_null("value", text_or_null(answer->value)),
		json_text_or_null("source", text_or_null(answer->source)),
		json_text_or_null("code", text_or_null(answer->code)),
		json_text_or_null("detail", text_or_null(answer->detail)),
	});
}

static int add_explanation(
	const struct explain_facts *facts, const struct status_package *package, json_t *list, struct error *err)
{
	AUTO(free) struct explanation *explanation = calloc(1, sizeof(*explanation));
	json_t *gates = json_array();

	if (!explanation || explain_package(facts, package, explanation, err) < 0) {
		json_decref(gates);
		return explanation ? -1 : error_set(err, ERROR_FAILED, "out of memory");
	}
	for (size_t i = 0; i < EXPLAIN_GATES; i++)
		(void)json_array_append_new(gates, gate_json((enum explain_gate)i, &explanation->gates[i]));
	(void)json_array_append_new(
		list, JSON_OBJECT({
			      json_text("package", package->name),
			      json_text("state", status_package_state(package)),
			      json_text("version", package->version),
			      json_text_or_null("newest", text_or_null(package->newest)),
			      json_text_or_null("decides", explanation->decides == EXPLAIN_GATES
								   ? NULL
								   : explain_gate_name(explanation->decides)),
			      json_take("gates", gates),
		      }));
	return 0;
}

static int explain(struct resident *resident, struct varlink_call *call, struct error *err)
{
	const char *only = method_text(call, "package");
	AUTO(catalog) struct catalog *catalog = NULL;
	AUTO(status) struct status status = {0};
	AUTO(json) json_t *list = json_array();
	struct error none_yet = {0};
	struct explain_facts facts;

	if (only && method_check_package(resident, only, err) < 0)
		return -1;
	if (distribution_kept_catalog(resident->terminal, &catalog, &none_yet) < 0)
		catalog = NULL;
	if (status_collect(resident->terminal, &status, err) < 0 ||
		explain_collect(resident->terminal, &status, catalog,
			resident->next_kind == JOB_NIGHT ? resident->next_s : 0, &facts, err) < 0)
		return -1;
	for (size_t i = 0; i < status.count; i++)
		if (!only || strcmp(status.packages[i].name, only) == 0)
			if (add_explanation(&facts, &status.packages[i], list, err) < 0)
				return -1;
	varlink_reply(call, JSON_OBJECT({json_share("packages", list)}));
	return 0;
}

const struct method method_explain = {
	.name = "Explain",
	.parameters = {{"package", JSON_STRING, false}},
	.types = "type Gate (gate: string, open: bool, value: ?string, source: ?string, code: ?string, detail: "
		 "?string)\n"
		 "type Explanation (package: string, state: string, version: string, newest: ?string, decides: "
		 "?string,\n"
		 "gates: []Gate)\n",
	.meaning = "Why a package is, or is not, delivered now. Without a package: all of them.",
	.result = "packages: []Explanation",
	.answer = explain,
};

/* ---- What a release changes ---- */

struct search {
	const struct terminal *terminal;
	const char *package;
	const char *version;
	struct release *found;
};

static int try_release(void *context, int dir_fd, const char *name, struct error *err)
{
	struct search *search = context;
	char version[VERSION_TEXT_SIZE];
	struct error unreadable = {0};

	(void)dir_fd;
	(void)err;
	package_folder_version(name, version);
	if (*name == '.' || search->found || version_compare(version, search->version) != 0)
		return 0;
	if (release_file_read(search->terminal, search->package, name, &search->found, &unreadable) < 0)
		search->found = NULL;
	return 0;
}

/* The staged version, or else the current one. */
static int find_version(const struct resident *resident, const char *package, char ret_version[static VERSION_TEXT_SIZE],
	struct error *err)
{
	AUTO(status) struct status status = {0};

	if (status_collect(resident->terminal, &status, err) < 0)
		return -1;
	*ret_version = '\0';
	for (size_t i = 0; i < status.count; i++)
		if (strcmp(status.packages[i].name, package) == 0)
			(void)snprintf(ret_version, VERSION_TEXT_SIZE, "%s",
				*status.packages[i].staged_version ? status.packages[i].staged_version
								   : status.packages[i].version);
	return 0;
}

static int reply_with_notes(
	struct varlink_call *call, const struct search *search, struct error *err)
{
	char digest[SHA256_HEX_SIZE];

	if (!search->found)
		return error_set(err, ERROR_NOT_FOUND, "%s %s is not on this terminal", search->package, search->version);
	if (!search->found->notes_count)
		return error_set(
			err, ERROR_NOT_FOUND, "%s %s brings no notes", search->package, search->found->version);
	if (release_notes_digest(search->found, digest, err) < 0)
		return -1;
	varlink_reply(call, JSON_OBJECT({
				    json_text("package", search->package),
				    json_text("version", search->found->version),
				    json_text("digest", digest),
				    json_take("notes", release_notes_pack(search->found)),
			    }));
	return 0;
}

static int get_notes(struct resident *resident, struct varlink_call *call, struct error *err)
{
	const struct terminal *terminal = resident->terminal;
	struct search search = {
		.terminal = terminal, .package = method_text(call, "package"), .version = method_text(call, "version")};
	AUTO(versions) struct versions *versions = NULL;
	char version[VERSION_TEXT_SIZE];
	int ret;

	if (method_check_package(resident, search.package, err) < 0)
		return -1;
	if (!search.version) {
		if (find_version(resident, search.package, version, err) < 0)
			return -1;
		search.version = version;
	}
	if (version_check(search.version, err) < 0) {
		err->code = ERROR_USAGE;
		return -1;
	}
	if (versions_open(terminal->env->fs, terminal->packages_dir_fd, search.package, &versions, err) < 0 ||
		fs_each(terminal->env->fs, versions_dir_fd(versions), ".", try_release, &search, err) < 0)
		return -1;
	ret = reply_with_notes(call, &search, err);
	release_free(search.found);
	return ret;
}

const struct method method_get_notes = {
	.name = "GetNotes",
	.parameters = {{"package", JSON_STRING, true}, {"version", JSON_STRING, false}},
	.meaning = "What a release on this terminal changes, in its vendor's words, text by language; signed with it. "
		   "Without a\n"
		   "# version: of the staged one, or else of the current one.",
	.result = "package: string, version: string, digest: string, notes: [string]string",
	.answer = get_notes,
};
