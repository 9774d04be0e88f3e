/* haishin history: as a table, CSV, JSON Lines or JSON; and the check of its chain of digests. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/command_line/language.h"
#include "tools/haishin/draw/details.h"
#include "tools/haishin/draw/output.h"
#include "tools/haishin/draw/words.h"
#include "tools/haishin/verbs/history/verb_history_file.h"
#include "tools/haishin/verbs/verbs.h"

static const struct args_option options[] = {
	{"package", "PACKAGE", N_("only of this package")},
	{"since", "DATE", N_("from this day on")},
	{"until", "DATE", N_("until the end of this day")},
	{"outcome", "done|begun|refused|failed|stopped", N_("only what ended like this")},
	{"limit", "COUNT", N_("only so many of the newest; on a screen 100 unless said otherwise, 0 for all")},
	{"csv", NULL, N_("as comma-separated values")},
	{"jsonl", NULL, N_("as JSON, one record in a line")},
	{"file", "EXPORT", N_("verify: an export instead of this terminal's own records")},
	{"key", "PUBLIC", N_("verify: the public key of the terminal that wrote the export")},
	{"policy", "POLICY", N_("verify: the ledger's policy: the export must bring a receipt that holds under it")},
	{0},
};

#define TABLE_COLUMNS 7
#define DIGEST_DIGITS 8
#define ON_A_SCREEN 100 /* rows that people are shown who have not said how many */

/* Where rows go as they come. */
struct listing {
	const struct cli *cli;
	bool csv, jsonl;
	struct table *table; /* NULL where there is none */
	json_t *rows;	     /* all of them, for JSON */
	json_int_t in_table;
};

static const char *const columns[] = {"number", "time", "boot", "operation", "package", "version", "digest",
	"outcome", "error", "detail", "previous", "row_digest"};

/* ---- CSV (RFC 4180). ---- */

static void print_csv_head(void)
{
	for (size_t c = 0; c < ARRAY_SIZE(columns); c++)
		(void)printf("%s%s", c ? "," : "", columns[c]);
	(void)printf("\r\n");
}

static void print_csv(const json_t *row)
{
	(void)printf("%lld", (long long)output_number(row, columns[0]));
	for (size_t c = 1; c < ARRAY_SIZE(columns); c++) {
		(void)putchar(',');
		output_csv_field(output_text(row, columns[c]));
	}
	(void)printf("\r\n");
}

/* ---- The table. ---- */

static void add_to_table(struct table *table, const json_t *row)
{
	char number[24], time[OUTPUT_TIME_SIZE], digest[DIGEST_DIGITS + 1], detail[DETAILS_SIZE], words[DETAILS_SIZE];

	(void)snprintf(number, sizeof(number), "%lld", (long long)output_number(row, "number"));
	(void)snprintf(digest, sizeof(digest), "%.*s", DIGEST_DIGITS, output_text(row, "digest"));
	table_add(table, (const char *[]){number, output_time(output_text(row, "time"), time),
				 words_of_operation(output_text(row, "operation")), output_text(row, "package"),
				 output_text(row, "version"), digest, words_of_history_outcome(output_text(row, "outcome"))});
	if (*output_text(row, "detail") && words_tell_why(output_text(row, "operation"), output_text(row, "outcome")))
		table_add_note(table, output_times(details_text(output_text(row, "detail"), words), detail, sizeof(detail)));
}

static void take_page(void *context, const json_t *page)
{
	struct listing *listing = context;
	const json_t *row;
	size_t i;

	output_set_zone(output_text(page, "time_zone"));
	json_array_foreach (json_object_get(page, "rows"), i, row) {
		if (listing->csv)
			print_csv(row);
		else if (listing->jsonl)
			(void)(json_dumpf(row, stdout, JSON_COMPACT), putchar('\n'));
		else if (listing->cli->json)
			(void)json_array_append(listing->rows, (json_t *)row);
		else if (++listing->in_table)
			add_to_table(listing->table, row);
	}
}

/* ---- The verb. ---- */

static int read_limit(const char *text, json_int_t *ret_limit)
{
	char *end;

	errno = 0;
	*ret_limit = strtoll(text, &end, 10);
	return errno || *end || end == text || *ret_limit < 0 ? -1 : 0;
}

static json_t *make_filter(const struct cli *cli, json_int_t limit)
{
	static const char *const names[] = {"package", "outcome", "since", "until"};
	json_t *filter = json_object();

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		cli_add_text(filter, names[i], args_get(&cli->args, names[i]));
	if (limit)
		(void)json_object_set_new(filter, "limit", json_integer(limit));
	return filter;
}

static int list_history(const struct cli *cli)
{
	AUTO(client_answer) struct client_answer answer = {0};
	AUTO(table) struct table *table = table_new(TABLE_COLUMNS);
	AUTO(json) json_t *rows = json_array();
	struct listing listing = {
		.cli = cli,
		.csv = args_has(&cli->args, "csv"),
		.jsonl = args_has(&cli->args, "jsonl"),
		.table = table,
		.rows = rows,
	};
	const char *count = args_get(&cli->args, "limit");
	json_int_t limit = 0;

	if (listing.csv + listing.jsonl + cli->json > 1)
		return cli_usage(cli, N_("Only one of --csv, --jsonl and --json can be given."));
	if (count && read_limit(count, &limit) < 0)
		return cli_usage(cli, N_("--limit takes a count."));
	if (!count && isatty(STDOUT_FILENO) && !listing.csv && !listing.jsonl && !cli->json)
		limit = ON_A_SCREEN;
	table_add(table, (const char *[]){_("No."), _("Time"), _("Operation"), _("Package"), _("Version"),
				 _("Digest"), _("Outcome")});
	if (listing.csv)
		print_csv_head();
	if (client_call(cli->socket_path, "GetHistory", make_filter(cli, limit), take_page, &listing, &answer) < 0)
		return cli_fail(cli, &answer);
	take_page(&listing, answer.parameters);
	if (cli->json)
		return cli_done(cli, JSON_OBJECT({json_share("rows", rows)}));
	if (!listing.csv && !listing.jsonl)
		table_print(table, false);
	if (!count && limit && listing.in_table == limit)
		output_line(
			_("These are the newest %d records; 'haishin history --limit 0' shows all."), ON_A_SCREEN);
	return 0;
}

/* Options that say which records, and how they are to be printed. */
static bool has_filters(const struct args *args)
{
	static const char *const names[] = {"package", "since", "until", "outcome", "limit", "csv", "jsonl"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (args_has(args, names[i]))
			return true;
	return false;
}

static int history(const struct cli *cli)
{
	const char *word = cli->words_count ? cli->words[0] : "";
	bool names_file =
		args_has(&cli->args, "file") || args_has(&cli->args, "key") || args_has(&cli->args, "policy");
	bool filters = has_filters(&cli->args);

	if (!*word && !names_file)
		return list_history(cli);
	if (strcmp(word, "verify") == 0 && cli->words_count == 1 && !filters)
		return history_verify_here(cli);
	if (strcmp(word, "export") == 0 && !filters && !names_file)
		return history_export_file(cli);
	if (strcmp(word, "key") == 0 && cli->words_count == 1 && !filters && !names_file)
		return history_print_key(cli);
	return cli_usage(cli, N_("Write: haishin history [FILTERS], history verify [--file FILE --key KEY [--policy "
				 "POLICY]], history "
				 "export [FILE], or history key"));
}

const struct verb verb_history = {
	.name = "history",
	.words = "[verify | export [FILE] | key]",
	.words_most = 2,
	.options = options,
	.meaning = N_("what was delivered when; checks and exports the records"),
	.run = history,
};
