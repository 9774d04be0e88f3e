/* fleet-sim: what load a fleet of terminals makes, by the scheduler's own code. Exit status 0: the bars are held; 1:
 * not. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/auto.h"
#include "common/command_line/args.h"
#include "tools/fleet/figures.h"
#include "tools/fleet/model.h"

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
	{0},
};

static void print_help(void)
{
	(void)puts("Usage: fleet-sim [OPTION...]\n"
		   "Simulates nights of delivery to a fleet of terminals and prints the server's load.\n");
	args_print_help(table);
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

static int read_fleet(const struct args *args, struct fleet_options *fleet, struct error *err)
{
	int64_t seed = (int64_t)fleet->seed;

	if (args_integer(args, "seed", 0, INT64_MAX, &seed, err) < 0)
		return -1;
	fleet->seed = (uint64_t)seed;
	if (read_count(args, "terminals", 10000000, &fleet->terminals, err) < 0 ||
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

int main(int argc, char **argv)
{
	AUTO(free) struct fleet_result *result = calloc(1, sizeof(*result));
	struct error err = {0};
	struct args args;
	int failed;

	if (!result)
		return 1;
	failed = args_init(&args, ARGS_TABLES(table), argc - 1, argv + 1, &err);
	if (!failed && args_has(&args, "help")) {
		print_help();
		return 0;
	}
	if (failed || args_want_positional(&args, 0, 0, "", &err) < 0 || run(&args, result, &err) < 0) {
		(void)fprintf(stderr, "fleet-sim: %s\n", err.text);
		return error_exit_status(err.code);
	}
	return fleet_is_even(result) && fleet_served_all(result) ? 0 : 1;
}
