/* haishin history verify, export, key: the records as a file that another machine can check with the terminal's
 * public key alone. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/proof/history_file.h"
#include "common/fs.h"
#include "common/command_line/language.h"
#include "tools/haishin/draw/output.h"
#include "tools/haishin/verbs/history/verb_history_file.h"

#define KEY_MAX_BYTES 65536

/* ---- Verifying ---- */

static int fail(const struct cli *cli, const struct error *err)
{
	return cli_fail_with(cli, err->code, err->text);
}

static struct key *read_key(const char *path, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(KEY_MAX_BYTES);
	AUTO(json) json_t *object = NULL;
	struct fs fs;

	fs_init(&fs);
	if (fs_read_given(&fs, path, &text, err) < 0 || !(object = json_parse(text.data, text.len, err)))
		return NULL;
	return key_parse(object, err);
}

static struct policy *read_policy(const char *path, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(POLICY_MAX_BYTES);
	struct policy *policy = NULL;
	struct fs fs;

	fs_init(&fs);
	if (fs_read_given(&fs, path, &text, err) < 0 ||
		!(policy = policy_parse((struct span){buf_text(&text), text.len}, err)))
		(void)error_context(err, "policy '%s'", path);
	return policy;
}

/* What the command line names. */
struct verifying {
	const char *path, *key_path, *policy_path; /* the last NULL where receipts are not asked for */
};

static int verify_file(const struct verifying *verifying, struct history_file_facts *ret_facts, struct error *err)
{
	AUTO(file) FILE *file = NULL;
	AUTO(policy) struct policy *policy = NULL;
	AUTO(key) struct key *key = read_key(verifying->key_path, err);

	if (!key)
		return error_context(err, "public key '%s'", verifying->key_path);
	if (verifying->policy_path && !(policy = read_policy(verifying->policy_path, err)))
		return -1;
	if (!(file = fopen(verifying->path, "re")))
		return error_system(err, errno, "cannot open '%s'", verifying->path);
	const struct history_file_trust trust = {.key = key, .policy = policy};
	return history_file_verify(file, &trust, NULL, NULL, ret_facts, err) < 0
		       ? error_context(err, "'%s'", verifying->path)
		       : 0;
}

/* Whoever checks a file of somebody else's looks at neither this terminal nor its server. */
static int fail_as_auditor(const struct cli *cli, const struct error *err)
{
	static const struct {
		enum error_code code;
		const char *sentence, *next;
	} rows[] = {
		{ERROR_DAMAGED,
			N_("The export is not what the terminal sealed: it was changed, cut or put together anew."),
			N_("Ask for a new export of that terminal, and keep this one: it shows what was changed.")},
		{ERROR_REFUSED, N_("The export was sealed with another key than the one that was given."),
			N_("Ask the terminal for its key with 'haishin history key'; a terminal that was replaced "
			   "has a new "
			   "one.")},
		{ERROR_ALTERED, N_("The receipt in the export is not one of a ledger that the policy accepts."),
			N_("Check that the policy is the operator's. If it is, nothing outside of the terminal "
			   "vouches for "
			   "its records.")},
		{ERROR_INPUT,
			N_("A file that was given is not what it should be: an export, a public key, or a policy."),
			N_("'haishin history export' writes the first, 'haishin history key' the second; the "
			   "operator has "
			   "the "
			   "third.")},
		{ERROR_NOT_FOUND, N_("A file that was given does not exist."), N_("Check the paths.")},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].code == err->code)
			return cli_fail_in_words(cli, err->code, err->text, _(rows[i].sentence), _(rows[i].next));
	return fail(cli, err);
}

/* What the ledger proves of it; null where no policy was given. */
static json_t *proven_json(const struct history_file_facts *facts)
{
	char time[CLOCK_TEXT_SIZE];

	return JSON_OBJECT({
		json_number("rows", facts->receipt.entry.rows),
		json_number("entry", (int64_t)facts->receipt.index),
		json_text("log", facts->receipt.checkpoint.origin),
		json_text_or_null(
			"logged_before", facts->receipt.logged_s ? clock_text(facts->receipt.logged_s, time) : NULL),
	});
}

static void print_proven(const struct history_file_facts *facts)
{
	char time[CLOCK_TEXT_SIZE], shown[OUTPUT_TIME_SIZE];

	output_line(_("Its rows up to %lld are proven by entry %llu of the ledger %s."),
		(long long)facts->receipt.entry.rows, (unsigned long long)facts->receipt.index,
		facts->receipt.checkpoint.origin);
	if (facts->receipt.logged_s)
		output_line(_("Enough witnesses had seen that entry by %s."),
			output_time(clock_text(facts->receipt.logged_s, time), shown));
}

static int tell_export(const struct cli *cli, const struct history_file_facts *facts, bool is_proven)
{
	char made[CLOCK_TEXT_SIZE], shown[OUTPUT_TIME_SIZE];

	(void)clock_text(facts->made_s, made);
	if (!cli->json) {
		output_line(_("The export is sound: rows %lld to %lld, sealed by this terminal on %s."),
			(long long)facts->before.number + 1, (long long)facts->last.number, output_time(made, shown));
		if (is_proven)
			print_proven(facts);
	}
	return cli_done(cli, JSON_OBJECT({
				     json_number("first", facts->before.number + 1),
				     json_number("last", facts->last.number),
				     json_text("head", facts->last.digest),
				     json_text("made", made),
				     json_take("proven", is_proven ? proven_json(facts) : json_null()),
			     }));
}

static int verify_export(const struct cli *cli)
{
	const struct verifying verifying = {
		.path = args_get(&cli->args, "file"),
		.key_path = args_get(&cli->args, "key"),
		.policy_path = args_get(&cli->args, "policy"),
	};
	struct history_file_facts facts;
	struct error err = {0};

	if (!verifying.path || !verifying.key_path)
		return cli_usage(cli, N_("--file EXPORT and --key PUBLIC go together."));
	if (verify_file(&verifying, &facts, &err) < 0)
		return fail_as_auditor(cli, &err);
	if (verifying.policy_path && facts.receipts == 0)
		return cli_fail_in_words(cli, ERROR_REFUSED, "no receipt in the export",
			_("The export is sound in itself, but brings no receipt of the ledger: the terminal alone "
			  "vouches "
			  "for it."),
			_("If that terminal ever got a receipt, somebody has left it out. Look for its reports in "
			  "the "
			  "ledger."));
	return tell_export(cli, &facts, verifying.policy_path != NULL);
}

/* Rows that are gone, by the rules, are not passed over in silence. */
static void tell_sound(const json_t *answer)
{
	long long rows = (long long)output_number(answer, "rows"),
		  dropped = (long long)output_number(answer, "dropped");
	char shown[OUTPUT_TIME_SIZE];

	if (!dropped) {
		output_line(_("The history is sound: %lld rows, none changed, removed or moved."), rows);
		return;
	}
	output_line(_("The history is sound: %lld rows, none changed or moved."), rows);
	output_line(_("Rows 1 to %lld are no longer here: their files were removed for lack of room, the last of "
		      "them on %s."),
		dropped, output_time(output_text(answer, "dropped_since"), shown));
}

int history_verify_here(const struct cli *cli)
{
	int exit_status = 0;
	json_t *answer;

	if (args_has(&cli->args, "file") || args_has(&cli->args, "key") || args_has(&cli->args, "policy"))
		return verify_export(cli);
	if (!(answer = cli_ask(cli, "VerifyHistory", NULL, &exit_status)))
		return exit_status;
	if (!cli->json)
		tell_sound(answer);
	return cli_done(cli, answer);
}

/* ---- Exporting ---- */

struct writing {
	int fd;
	struct error err; /* the first that happened */
};

static void take_text(void *context, const json_t *part)
{
	struct writing *writing = context;
	const char *text = output_text(part, "text");
	struct fs fs;

	fs_init(&fs);
	if (!writing->err.code)
		(void)!fs_write(&fs, writing->fd, "the export", text, strlen(text), &writing->err);
}

/* A file that is there already is not written over: it may be the one that an auditor holds. */
static int open_output(const char *path, struct error *err)
{
	int fd = path ? open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644) : dup(STDOUT_FILENO);

	return fd < 0 ? error_system(err, errno, "cannot make '%s'", path ? path : "standard output") : fd;
}

static int finish(const struct cli *cli, struct writing *writing, const char *path, int64_t rows)
{
	if (!writing->err.code && path && fsync(writing->fd) < 0)
		(void)error_system(&writing->err, errno, "cannot sync '%s'", path);
	if (writing->err.code)
		return fail(cli, &writing->err);
	if (path && !cli->json)
		output_line(_("%lld rows are in %s. Check it anywhere with 'haishin history verify --file %s --key "
			      "PUBLIC'; 'haishin history key' prints the key."),
			(long long)rows, path, path);
	return path ? cli_done(cli, JSON_OBJECT({json_text("file", path), json_number("rows", rows)})) : 0;
}

int history_export_file(const struct cli *cli)
{
	const char *path = cli->words_count > 1 ? cli->words[1] : NULL;
	AUTO(client_answer) struct client_answer answer = {0};
	struct error err = {0};
	AUTO(fd) int fd = open_output(path, &err);
	struct writing writing = {.fd = fd};
	int exit_status = 0;

	if (fd < 0)
		return fail(cli, &err);
	if (client_call(cli->socket_path, "ExportHistory", NULL, take_text, &writing, &answer) < 0) {
		exit_status = cli_fail(cli, &answer);
	} else {
		take_text(&writing, answer.parameters);
		exit_status = finish(cli, &writing, path, output_number(answer.parameters, "rows"));
	}
	if (exit_status && path)
		(void)unlink(path); /* half an export is none */
	return exit_status;
}

/* The key object itself, as TUF writes keys: what --key reads. */
int history_print_key(const struct cli *cli)
{
	int exit_status = 0;
	AUTO(json) json_t *answer = cli_ask(cli, "GetKey", NULL, &exit_status);

	if (!answer)
		return exit_status;
	if (cli->json)
		output_json(answer, 0);
	else
		(void)(json_dumpf(json_object_get(answer, "key"), stdout, JSON_COMPACT), putchar('\n'));
	return 0;
}
