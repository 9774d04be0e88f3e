/* haishin-check FOLDER NAME: runs one program of a package in its sandbox, for the unit haishin-check@NAME.service. The request and
 * its answer are files in FOLDER (rollback/sandbox/service.h). */
#include <stdio.h>

#include "rollback/sandbox/sandbox.h"
#include "rollback/sandbox/service.h"

int main(int argc, char **argv)
{
	struct clock clock;
	struct fs fs;
	struct processes processes;
	struct log log;
	const struct env env = {.clock = &clock, .fs = &fs, .processes = &processes, .log = &log};
	struct error err = {0};

	if (argc != 3) {
		(void)fputs("usage: haishin-check FOLDER NAME\n", stderr);
		return 2;
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
