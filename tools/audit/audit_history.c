#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>

#include "agent/proof/history_file.h"
#include "common/clock.h"
#include "common/fs.h"
#include "tools/audit/audit_findings.h"
#include "tools/audit/audit_policy.h"
#include "tools/audit/commands.h"
#include "common/command_line/language.h"

#define KEY_MAX_BYTES 65536

static struct key *read_key(const char *path, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(KEY_MAX_BYTES);
	AUTO(json) json_t *object = NULL;
	struct key *key = NULL;
	struct fs fs;

	fs_init(&fs);
	if (fs_read_given(&fs, path, &text, err) == 0 && (object = json_parse(text.data, text.len, err)))
		key = key_parse(object, err);
	if (!key)
		(void)error_context(err, "public key '%s'", path);
	return key;
}

/* A file that cannot be opened is no finding: nothing is known of it. */
static int verify(const char *path, const struct history_file_trust *trust, struct history_file_facts *ret_facts,
	struct findings *findings, struct error *err)
{
	AUTO(file) FILE *file = fopen(path, "re");
	struct error why;

	if (!file)
		return error_system(err, errno, "cannot open '%s'", path);
	if (history_file_verify(file, trust, NULL, NULL, ret_facts, &why) < 0)
		findings_add_error(
			findings, why.code == ERROR_ALTERED ? FINDING_RECEIPT : FINDING_EXPORT, -1, path, &why);
	else if (trust->policy && ret_facts->receipts == 0)
		findings_add(findings, FINDING_RECEIPT, -1, "%s", path);
	else
		return 0;
	return 1;
}

static json_t *facts_json(const char *path, const struct history_file_facts *facts, bool is_proven)
{
	char made[CLOCK_TEXT_SIZE];
	json_t *object = json_object();

	(void)json_object_set_new(object, "file", json_string(path));
	(void)json_object_set_new(object, "first", json_integer((json_int_t)facts->before.number + 1));
	(void)json_object_set_new(object, "last", json_integer((json_int_t)facts->last.number));
	(void)json_object_set_new(object, "head", json_string(facts->last.digest));
	(void)json_object_set_new(object, "made", json_string(clock_text(facts->made_s, made)));
	if (!is_proven)
		return object;
	(void)json_object_set_new(object, "proven_rows", json_integer((json_int_t)facts->receipt.entry.rows));
	(void)json_object_set_new(object, "entry", json_integer((json_int_t)facts->receipt.index));
	(void)json_object_set_new(object, "origin", json_string(facts->receipt.checkpoint.origin));
	if (facts->receipt.logged_s)
		(void)json_object_set_new(
			object, "logged_before", json_string(clock_text(facts->receipt.logged_s, made)));
	return object;
}

static void print_facts(const char *path, const struct history_file_facts *facts, bool is_proven)
{
	char made[CLOCK_TEXT_SIZE];

	(void)printf(_("%s holds: records %lld to %lld, none changed, removed or moved, sealed by the terminal's own "
		       "key at %s.\n"),
		path, (long long)facts->before.number + 1, (long long)facts->last.number,
		clock_text(facts->made_s, made));
	if (is_proven)
		(void)printf(_("  Records up to %lld are proven by entry %llu of %s.\n"),
			(long long)facts->receipt.entry.rows, (unsigned long long)facts->receipt.index,
			facts->receipt.checkpoint.origin);
	if (is_proven && facts->receipt.logged_s)
		(void)printf(_("  By %s enough witnesses had seen it.\n"), clock_text(facts->receipt.logged_s, made));
}

static int print_json(const json_t *files, const struct findings *findings, struct error *err)
{
	AUTO(json) json_t *object = json_object();
	AUTO(buf) struct buf text = BUF_INIT(1 << 20);

	(void)json_object_set_new(object, "holds", json_boolean(findings->count == 0));
	(void)json_object_set(object, "files", (json_t *)files);
	(void)json_object_set(object, "findings", findings->list);
	if (json_write(object, &text, err) < 0)
		return -1;
	(void)puts(buf_text(&text));
	return 0;
}

static int verify_all(const struct args *args, const struct history_file_trust *trust, json_t *files,
	struct findings *findings, struct error *err)
{
	const char *path;

	for (size_t i = 1; (path = args_positional(args, i)); i++) {
		struct history_file_facts facts;
		int verified = verify(path, trust, &facts, findings, err);

		if (verified < 0)
			return -1;
		if (verified == 0)
			(void)json_array_append_new(files, facts_json(path, &facts, trust->policy != NULL));
		if (verified == 0 && !args_has(args, "json"))
			print_facts(path, &facts, trust->policy != NULL);
	}
	return 0;
}

int audit_history_command(const struct args *args, struct error *err)
{
	AUTO(findings) struct findings findings = {0};
	AUTO(json) json_t *files = json_array();
	AUTO(policy) struct policy *policy = NULL;
	AUTO(key) struct key *key = NULL;
	const char *key_file, *policy_file = args_get(args, "policy");

	if (args_want_positional(args, 2, SIZE_MAX, "history FILE ...", err) < 0 ||
		args_want(args, "key", &key_file, err) < 0 || !(key = read_key(key_file, err)) ||
		(policy_file && !(policy = audit_policy_read(policy_file, err))))
		return -1;
	const struct history_file_trust trust = {.key = key, .policy = policy};
	if (verify_all(args, &trust, files, &findings, err) < 0)
		return -1;
	if (!args_has(args, "json"))
		findings_print(&findings);
	else if (print_json(files, &findings, err) < 0)
		return -1;
	return findings.count > 0;
}
