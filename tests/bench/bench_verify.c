/* How long a terminal looks at its installed files: a quick look, as each night, and a reading of all of them, as `haishin verify`.
 *
 *   bench_verify ROOT PACKAGE ROUNDS     prints a JSON object: medians in milliseconds */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "agent/base/terminal.h"
#include "agent/sound/sound_check.h"
#include "common/env.h"

#define ROUNDS_MOST 101

static int by_size(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

/* Microseconds, the median; -1 where something is wrong with the files, or cannot be told. */
static int64_t measure(struct terminal *terminal, const char *package, enum sound_depth depth, int rounds)
{
	static const struct sound_watch nobody = {0};
	int64_t took_us[ROUNDS_MOST];

	for (int i = 0; i < rounds; i++) {
		struct sound_result result;
		struct timespec begun, ended;
		struct error err = {0};

		(void)clock_gettime(CLOCK_MONOTONIC, &begun);
		if (sound_check(terminal, package, depth, &nobody, &result, &err) < 0 ||
			soundness_is_damaged(&result.soundness)) {
			(void)fprintf(stderr, "bench_verify: %s\n", err.code ? err.text : "the files are damaged");
			return -1;
		}
		(void)clock_gettime(CLOCK_MONOTONIC, &ended);
		took_us[i] = (ended.tv_sec - begun.tv_sec) * 1000000 + (ended.tv_nsec - begun.tv_nsec) / 1000;
	}
	qsort(took_us, (size_t)rounds, sizeof(*took_us), by_size);
	return took_us[rounds / 2];
}

static int run(const char *root, const char *package, int rounds, struct error *err)
{
	AUTO(config) struct config config = {0};
	AUTO(terminal) struct terminal terminal = TERMINAL_INIT;
	struct clock clock;
	struct log log;
	struct fs fs;
	struct env env = {.clock = &clock, .fs = &fs, .log = &log};
	int64_t look_us, read_us;

	fs_init(&fs);
	log_init(&log, "bench_verify");
	if (config_load(&fs, NULL, root, &config, err) < 0)
		return -1;
	clock_init(&clock, config.boot_id_path);
	if (terminal_open(&env, &config, &terminal, err) < 0)
		return -1;
	read_us = measure(&terminal, package, SOUND_WHOLE, rounds);
	look_us = measure(&terminal, package, SOUND_LOOK, rounds);
	if (read_us < 0 || look_us < 0)
		return error_set(err, ERROR_DAMAGED, "nothing was measured");
	(void)printf("{\"look_ms\":%.1f,\"read_ms\":%.1f}\n", (double)look_us / 1000, (double)read_us / 1000);
	return 0;
}

int main(int argc, char **argv)
{
	int rounds = argc == 4 ? atoi(argv[3]) : 0;
	struct error err = {0};

	if (rounds < 1 || rounds > ROUNDS_MOST) {
		(void)fprintf(stderr, "usage: bench_verify ROOT PACKAGE ROUNDS\n");
		return EXIT_FAILURE;
	}
	if (run(argv[1], argv[2], rounds, &err) == 0)
		return EXIT_SUCCESS;
	(void)fprintf(stderr, "bench_verify: %s\n", err.text);
	return EXIT_FAILURE;
}
