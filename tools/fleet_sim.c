/* fleet-sim: what load a fleet of terminals makes, by the scheduler's own code; with --reports, what it says to a collector; with
 * --rollout, what candidates of all kinds do to it. Exit status 0: the bars are held, and every answer was as it should be; 1:
 * not. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/auto.h"
#include "common/clock.h"
#include "common/json.h"
#include "common/command_line/args.h"
#include "tools/fleet/figures.h"
#include "tools/fleet/model.h"
#include "tools/fleet/rollout_figures.h"
#include "tools/fleet/rollout_line.h"
#include "tools/fleet/sender.h"

#define OUTPUT_MAX (16u << 20)

static const struct args_option table[] = {
	{"terminals", "N", "how many (240000)"},
	{"nights", "N", "how many, 1 to 31 (3)"},
	{"seed", "N", "another fate for each terminal (1)"},
	{"off", "N", "of 1000 terminals, those switched off all night (100)"},
	{"late", "N", "those switched on within the window (50)"},
	{"early", "N", "those switched off within the window, every night (20)"},
	{"restarts", "N", "those that restart up to three times (200)"},
	{"fixed", "N", "those that restart at 22:00 (20)"},
	{"failures", "N", "of 1000 attempts, those that fail on the way (30)"},
	{"json", NULL, "print JSON"},
	{"svg", "FILE", "draw the load"},
	ARGS_HELP,
	ARGS_VERSION,
	{0},
};

/* With --reports: terminals that say something. */
static const struct args_option reports_table[] = {
	{"reports", "URL", "instead, send a night's reports to a collector, such as https://localhost:8444/reports"},
	{"server-ca", "FILE", "the authority of the collector's certificate, PEM"},
	{"client-ca", "FILE", "an authority that the collector takes for client certificates, PEM"},
	{"client-ca-key", "FILE", "and its key, PEM: each terminal gets a certificate"},
	{"night", "N", "of the fleet's life (1): some fall silent after the first"},
	{"rate", "N", "terminals a second; 0: as fast as it goes (0)"},
	{"threads", "N", "that send (16)"},
	{"silent", "N", "of 1000 terminals, those that fall silent, for each cause alike (24)"},
	{"taken-back", "N", "those that took the new release back (6)"},
	{"clones", "N", "those that have a twin with the same key (1)"},
	{"damaged", "N", "those that send something that is no report as well (5)"},
	{"hostile", "N", "those whose words would hurt a careless page (2)"},
	{0},
};

/* With --rollout: a candidate on its way. */
static const struct args_option rollout_table_options[] = {
	{"rollout", NULL, "instead, play rollouts of good and bad candidates, with the brake and without"},
	{"rollouts", "N", "of a good candidate (200)"},
	{"bad-rollouts", "N", "of each kind of bad one (20)"},
	{"pilots", "N", "terminals of the first stage (200)"},
	{"each", NULL, "tell on stderr how each of them goes"},
	{0},
};

static void print_help(void)
{
	(void)puts("Usage: fleet-sim [OPTION...]\n"
		   "Simulates nights of delivery to a fleet of terminals and prints the server's load.\n");
	args_print_help(table);
	args_print_help(reports_table);
	args_print_help(rollout_table_options);
}

static int read_count(
	const struct args *args, const char *name, uint32_t most, uint32_t *ret_count, struct error *err)
{
	int64_t count = *ret_count;

	if (args_integer(args, name, 0, most, &count, err) < 0)
		return -1;
	*ret_count = (uint32_t)count;
	return 0;
}

static int read_seed(const struct args *args, uint64_t *ret_seed, struct error *err)
{
	int64_t seed = (int64_t)*ret_seed;

	if (args_integer(args, "seed", 0, INT64_MAX, &seed, err) < 0)
		return -1;
	*ret_seed = (uint64_t)seed;
	return 0;
}

static int read_fleet(const struct args *args, struct fleet_options *fleet, struct error *err)
{
	if (read_seed(args, &fleet->seed, err) < 0 || read_count(args, "terminals", 10000000, &fleet->terminals, err) < 0 ||
		read_count(args, "nights", 1000, &fleet->nights, err) < 0 ||
		read_count(args, "off", 1000, &fleet->off_per_mille, err) < 0 ||
		read_count(args, "late", 1000, &fleet->late_per_mille, err) < 0 ||
		read_count(args, "early", 1000, &fleet->early_per_mille, err) < 0 ||
		read_count(args, "restarts", 1000, &fleet->restarts_per_mille, err) < 0 ||
		read_count(args, "fixed", 1000, &fleet->fixed_per_mille, err) < 0 ||
		read_count(args, "failures", 1000, &fleet->failures_per_mille, err) < 0)
		return -1;
	return 0;
}

static int run(const struct args *args, struct fleet_result *result, struct error *err)
{
	struct fleet_options fleet = FLEET_OPTIONS_INIT;
	const char *svg_file = args_get(args, "svg");
	bool json = args_has(args, "json");
	AUTO(buf) struct buf text = BUF_INIT(OUTPUT_MAX);
	AUTO(buf) struct buf svg = BUF_INIT(OUTPUT_MAX);
	struct fs fs;

	fs_init(&fs);
	if (read_fleet(args, &fleet, err) < 0 || fleet_run(&fs, &fleet, result, err) < 0 ||
		(json ? figures_json : figures_text)(result, &text, err) < 0)
		return -1;
	if (svg_file && (figures_svg(result, &svg, err) < 0 ||
				fs_write_file(&fs, AT_FDCWD, svg_file, svg.data, svg.len, 0644, err) < 0))
		return -1;
	if (printf("%s%s", buf_text(&text), json ? "\n" : "") < 0 || fflush(stdout) < 0)
		return error_system(err, errno, "cannot print");
	return 0;
}

/* ---- Reports ---- */

static int read_sender(const struct args *args, struct sender_options *ret_options, struct error *err)
{
	struct sender_options *options = ret_options;

	*options = (struct sender_options){
		.url = args_get(args, "reports"),
		.terminals = 240000,
		.night = 1,
		.threads = 16,
		.saying = {.seed = 1, .silent = 24, .taken_back = 6, .clones = 1, .damaged = 5, .hostile = 2},
	};
	if (args_want(args, "server-ca", &options->server_ca_file, err) < 0 ||
		read_seed(args, &options->saying.seed, err) < 0 ||
		args_integer(args, "night", 1, 100000, &options->night, err) < 0 ||
		read_count(args, "terminals", 10000000, &options->terminals, err) < 0 ||
		read_count(args, "rate", 100000, &options->per_second, err) < 0 ||
		read_count(args, "threads", SENDER_THREADS_MOST, &options->threads, err) < 0 ||
		read_count(args, "silent", 1000, &options->saying.silent, err) < 0 ||
		read_count(args, "taken-back", 1000, &options->saying.taken_back, err) < 0 ||
		read_count(args, "clones", 1000, &options->saying.clones, err) < 0 ||
		read_count(args, "damaged", 1000, &options->saying.damaged, err) < 0 ||
		read_count(args, "hostile", 1000, &options->saying.hostile, err) < 0)
		return -1;
	return options->threads > 0 ? 0 : error_set(err, ERROR_USAGE, "--threads must be 1 at least");
}

static int write_reports_json(
	const struct sender_options *options, const struct sender_result *result, struct buf *text, struct error *err)
{
	AUTO(json) json_t *causes = json_object();
	AUTO(json) json_t *answer = NULL;

	for (int i = 0; i < SAYING_CAUSES; i++)
		(void)json_object_set_new(causes, saying_cause_name((enum saying_cause)i),
			json_integer((json_int_t)result->fall_silent[i]));
	answer = JSON_OBJECT({
		json_blame(err),
		json_number("terminals", options->terminals),
		json_number("taken", (int64_t)result->taken),
		json_number("refused", (int64_t)result->refused),
		json_number("wrong", (int64_t)result->wrong),
		json_number("quiet", (int64_t)result->quiet),
		json_number("twins", (int64_t)result->twins),
		json_take("seconds", json_real(result->took_s)),
		json_share("silent", causes),
	});
	return answer ? json_write(answer, text, err) : -1;
}

static int write_reports(
	const struct sender_options *options, const struct sender_result *result, struct buf *text, struct error *err)
{
	return buf_printf(text, err,
		"%u terminals: %llu reports taken in %.1f s, %llu that were none refused, %llu silent, %llu answers "
		"wrong%s%s\n",
		options->terminals, (unsigned long long)result->taken, result->took_s,
		(unsigned long long)result->refused, (unsigned long long)result->quiet,
		(unsigned long long)result->wrong, *result->first_wrong ? ": " : "", result->first_wrong);
}

static int run_reports(const struct args *args, bool *ret_is_right, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(OUTPUT_MAX);
	AUTO(crowd) struct crowd *crowd = NULL;
	const char *certificate, *key;
	struct sender_options options;
	struct sender_result result;
	struct clock clock;
	int64_t now_s;

	clock_init(&clock, "/proc/sys/kernel/random/boot_id");
	now_s = clock.now_s(&clock);
	if (read_sender(args, &options, err) < 0 || args_want(args, "client-ca", &certificate, err) < 0 ||
		args_want(args, "client-ca-key", &key, err) < 0 ||
		crowd_open(certificate, key, options.saying.seed, now_s, &crowd, err) < 0 ||
		sender_send(&options, crowd, now_s, &result, err) < 0)
		return -1;
	if ((args_has(args, "json") ? write_reports_json : write_reports)(&options, &result, &text, err) < 0)
		return -1;
	*ret_is_right = result.wrong == 0;
	return printf("%s%s", buf_text(&text), args_has(args, "json") ? "\n" : "") < 0 || fflush(stdout) < 0
		       ? error_system(err, errno, "cannot print")
		       : 0;
}

/* ---- Rollouts ---- */

static int read_rollouts(const struct args *args, struct rollout_table_options *options, struct error *err)
{
	if (read_seed(args, &options->seed, err) < 0 || read_count(args, "terminals", 10000000, &options->terminals, err) < 0 ||
		read_count(args, "pilots", 100000, &options->pilots, err) < 0 ||
		read_count(args, "rollouts", 100000, &options->good, err) < 0)
		return -1;
	return read_count(args, "bad-rollouts", 100000, &options->bad, err);
}

static void tell(const struct rollout_result *result)
{
	AUTO(buf) struct buf text = BUF_INIT(OUTPUT_MAX);
	struct error err = {0};

	if (rollout_line_write(result, &text, &err) == 0)
		(void)fputs(buf_text(&text), stderr);
}

static int run_rollouts(const struct args *args, bool *ret_is_right, struct error *err)
{
	struct rollout_table_options options = ROLLOUT_TABLE_OPTIONS_INIT;
	AUTO(free) struct rollout_table *rollouts = calloc(1, sizeof(*rollouts));
	const char *svg_file = args_get(args, "svg");
	bool json = args_has(args, "json");
	AUTO(buf) struct buf text = BUF_INIT(OUTPUT_MAX);
	AUTO(buf) struct buf svg = BUF_INIT(OUTPUT_MAX);
	struct fs fs;

	fs_init(&fs);
	options.told = args_has(args, "each") ? tell : NULL;
	if (!rollouts)
		return error_set(err, ERROR_FAILED, "no memory for the rollouts");
	if (read_rollouts(args, &options, err) < 0 || rollout_table_make(&options, rollouts, err) < 0 ||
		(json ? rollout_figures_json : rollout_figures_text)(rollouts, &text, err) < 0)
		return -1;
	if (svg_file && (rollout_figures_svg(rollouts, &svg, err) < 0 ||
				fs_write_file(&fs, AT_FDCWD, svg_file, svg.data, svg.len, 0644, err) < 0))
		return -1;
	*ret_is_right = rollout_table_holds(rollouts);
	return printf("%s%s", buf_text(&text), json ? "\n" : "") < 0 || fflush(stdout) < 0
		       ? error_system(err, errno, "cannot print")
		       : 0;
}

/* ---- Load ---- */

static int run_load(const struct args *args, bool *ret_is_right, struct error *err)
{
	AUTO(free) struct fleet_result *result = calloc(1, sizeof(*result));

	if (!result)
		return error_set(err, ERROR_FAILED, "no memory for the result");
	if (run(args, result, err) < 0)
		return -1;
	*ret_is_right = fleet_is_even(result) && fleet_served_all(result);
	return 0;
}

int main(int argc, char **argv)
{
	bool is_right = false;
	struct error err = {0};
	struct args args;
	int failed;

	failed = args_init(&args, ARGS_TABLES(table, reports_table, rollout_table_options), argc - 1, argv + 1, &err);
	if (!failed && args_has(&args, "help")) {
		print_help();
		return 0;
	}
	if (!failed && args_has(&args, "version"))
		return puts("fleet-sim " HAISHIN_VERSION) < 0;
	if (failed || args_want_positional(&args, 0, 0, "", &err) < 0 ||
		(args_has(&args, "reports")   ? run_reports
			: args_has(&args, "rollout") ? run_rollouts
						     : run_load)(&args, &is_right, &err) < 0) {
		(void)fprintf(stderr, "fleet-sim: %s\n", err.text);
		return error_exit_status(err.code);
	}
	return is_right ? 0 : 1;
}
