/* fleet-sim: what load a fleet of terminals makes, by the scheduler's own code. Exit status 0: the bars are held; 1:
 * not. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/auto.h"
#include "tools/fleet/figures.h"
#include "tools/fleet/model.h"

#define OUTPUT_MAX (16u << 20)

struct arguments {
	struct fleet_options fleet;
	bool json;
	const char *svg_file;
};

static const char usage[] = "Usage: fleet-sim [OPTION]...\n"
			    "Simulates nights of delivery to a fleet of terminals and prints the server's load.\n\n"
			    "  --terminals N   how many (240000)\n"
			    "  --nights N      how many, 1 to 31 (3)\n"
			    "  --seed N        another fate for each terminal (1)\n"
			    "  --off N         of 1000 terminals, those switched off all night (100)\n"
			    "  --late N        those switched on within the window (50)\n"
			    "  --early N       those switched off within the window, every night (20)\n"
			    "  --restarts N    those that restart up to three times (200)\n"
			    "  --fixed N       those that restart at 22:00 (20)\n"
			    "  --failures N    of 1000 attempts, those that fail on the way (30)\n"
			    "  --json          print JSON\n"
			    "  --svg FILE      draw the load\n"
			    "  --help          this text\n";

static int parse_number(const char *text, unsigned long long most, unsigned long long *ret_number, struct error *err)
{
	char *end;

	errno = 0;
	*ret_number = strtoull(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end || errno || *ret_number > most)
		return error_set(err, ERROR_USAGE, "'%s' is not a number from 0 to %llu", text, most);
	return 0;
}

static int set_number(struct arguments *arguments, int option, const char *text, struct error *err)
{
	struct fleet_options *fleet = &arguments->fleet;
	unsigned long long number;

	if (parse_number(text, option == 's' ? INT64_MAX : option == 't' ? 10000000 : 1000, &number, err) < 0)
		return -1;
	switch (option) {
	case 's':
		fleet->seed = number;
		break;
	case 't':
		fleet->terminals = (uint32_t)number;
		break;
	case 'n':
		fleet->nights = (uint32_t)number;
		break;
	case 'o':
		fleet->off_per_mille = (uint32_t)number;
		break;
	case 'l':
		fleet->late_per_mille = (uint32_t)number;
		break;
	case 'e':
		fleet->early_per_mille = (uint32_t)number;
		break;
	case 'r':
		fleet->restarts_per_mille = (uint32_t)number;
		break;
	case 'x':
		fleet->fixed_per_mille = (uint32_t)number;
		break;
	default:
		fleet->failures_per_mille = (uint32_t)number;
		break;
	}
	return 0;
}

static int parse_arguments(int argc, char **argv, struct arguments *arguments, struct error *err)
{
	static const struct option options[] = {
		{"terminals", required_argument, NULL, 't'},
		{"nights", required_argument, NULL, 'n'},
		{"seed", required_argument, NULL, 's'},
		{"off", required_argument, NULL, 'o'},
		{"late", required_argument, NULL, 'l'},
		{"early", required_argument, NULL, 'e'},
		{"restarts", required_argument, NULL, 'r'},
		{"fixed", required_argument, NULL, 'x'},
		{"failures", required_argument, NULL, 'f'},
		{"json", no_argument, NULL, 'j'},
		{"svg", required_argument, NULL, 'v'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};

	for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
		if (option == 'h') {
			(void)fputs(usage, stdout);
			exit(0);
		}
		if (option == '?')
			return error_set(err, ERROR_USAGE, "see fleet-sim --help");
		if (option == 'j')
			arguments->json = true;
		else if (option == 'v')
			arguments->svg_file = optarg;
		else if (set_number(arguments, option, optarg, err) < 0)
			return -1;
	}
	if (optind < argc)
		return error_set(err, ERROR_USAGE, "'%s' is too much; see fleet-sim --help", argv[optind]);
	return 0;
}

static int run(const struct arguments *arguments, struct fleet_result *result, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(OUTPUT_MAX);
	AUTO(buf) struct buf svg = BUF_INIT(OUTPUT_MAX);
	struct fs fs;

	fs_init(&fs);
	if (fleet_run(&fs, &arguments->fleet, result, err) < 0 ||
		(arguments->json ? figures_json : figures_text)(result, &text, err) < 0)
		return -1;
	if (arguments->svg_file &&
		(figures_svg(result, &svg, err) < 0 ||
			fs_write_file(&fs, AT_FDCWD, arguments->svg_file, svg.data, svg.len, 0644, err) < 0))
		return -1;
	if (printf("%s%s", buf_text(&text), arguments->json ? "\n" : "") < 0 || fflush(stdout) < 0)
		return error_system(err, errno, "cannot print");
	return 0;
}

int main(int argc, char **argv)
{
	struct arguments arguments = {.fleet = FLEET_OPTIONS_INIT};
	AUTO(free) struct fleet_result *result = calloc(1, sizeof(*result));
	struct error err = {0};

	if (!result)
		return 1;
	if (parse_arguments(argc, argv, &arguments, &err) < 0 || run(&arguments, result, &err) < 0) {
		(void)fprintf(stderr, "fleet-sim: %s\n", err.text);
		return error_exit_status(err.code);
	}
	return fleet_is_even(result) && fleet_served_all(result) ? 0 : 1;
}
