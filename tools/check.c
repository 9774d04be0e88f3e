/* haishin-check FOLDER NAME: runs one program of a package in its sandbox, for the unit haishin-check@NAME.service. The request and
 * its answer are files in FOLDER (rollback/sandbox/service.h). */
#include <stdio.h>
#include <string.h>

#include "rollback/sandbox/sandbox.h"
#include "rollback/sandbox/service.h"

static const char usage[] = "usage: haishin-check FOLDER NAME\n"
			    "\n"
			    "Runs one program of a package in its sandbox, for haishin-check@NAME.service: the request is the file\n"
			    "NAME.request in FOLDER, the answer NAME.answer.\n"
			    "\n"
			    "  --version  print the version\n"
			    "  --help     print this text\n";

static bool is_either(const char *argument, const char *name, const char *short_name)
{
	return strcmp(argument, name) == 0 || strcmp(argument, short_name) == 0;
}

int main(int argc, char **argv)
{
	struct clock clock;
	struct fs fs;
	struct processes processes;
	struct log log;
	const struct env env = {.clock = &clock, .fs = &fs, .processes = &processes, .log = &log};
	struct error err = {0};

	if (argc == 2 && is_either(argv[1], "--version", "-V"))
		return puts("haishin-check " HAISHIN_VERSION) < 0;
	if (argc != 3) {
		bool is_asked = argc == 2 && is_either(argv[1], "--help", "-h");

		(void)fputs(usage, is_asked ? stdout : stderr);
		return is_asked ? 0 : 2;
	}
	clock_init(&clock, "");
	fs_init(&fs);
	processes_init(&processes);
	log_init(&log, "haishin-check");
	if (service_answer(&env, argv[1], argv[2], sandbox_run, &err) < 0) {
		log_line(&log, LOG_LEVEL_ERROR, "%s", err.text);
		return 1;
	}
	return 0;
}
