#include "tests/proofs/part.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SAID_EVERY 1000

static _Noreturn void usage(const char *program)
{
	(void)fprintf(stderr, "%s [--share short|full] [--seed NUMBER] [--number NUMBER]\n", program);
	exit(2);
}

void part_begin(struct part *part, const char *name, int argc, char **argv)
{
	*part = (struct part){.name = name, .seed = 1};
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	for (int i = 1; i < argc; i += 2) {
		if (i + 1 >= argc)
			usage(argv[0]);
		if (strcmp(argv[i], "--seed") == 0)
			part->seed = strtoull(argv[i + 1], NULL, 10);
		else if (strcmp(argv[i], "--number") == 0)
			part->only = strtoull(argv[i + 1], NULL, 10);
		else if (strcmp(argv[i], "--share") != 0 ||
			 (strcmp(argv[i + 1], "short") != 0 && strcmp(argv[i + 1], "full") != 0))
			usage(argv[0]);
		else
			part->is_short = strcmp(argv[i + 1], "short") == 0;
	}
	part->drawn = part->seed;
	if (access("/dev/shm", W_OK) == 0)
		(void)setenv(
			"TMPDIR", "/dev/shm", 0); /* on any disk the result is the same; memory is the quickest */
}

void part_lacks(const struct part *part, const char *what)
{
	const char *ci = getenv("CI");

	(void)printf("%s: skipped: no %s\n", part->name, what);
	exit(ci && strcmp(ci, "true") == 0 ? EXIT_FAILURE : PART_MISSING);
}

void part_ran(struct part *part)
{
	uint64_t ran = ++part->ran;

	if (ran % SAID_EVERY == 0)
		part_say(part, "%" PRIu64 " ran so far", ran);
}

void part_bad(struct part *part, const char *fmt, ...)
{
	char *text = NULL;
	va_list args;

	part->bad++;
	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) >= 0)
		(void)printf(
			"BAD (seed %" PRIu64 "): %s\n", part->seed, text); /* one line, also beside other processes */
	va_end(args);
	free(text);
}

void part_say(const struct part *part, const char *fmt, ...)
{
	va_list args;

	(void)part;
	va_start(args, fmt);
	(void)vprintf(fmt, args);
	va_end(args);
	(void)putchar('\n');
}

int part_end(const struct part *part)
{
	(void)printf("%s: %" PRIu64 " ran, %" PRIu64 " bad\n", part->name, part->ran, part->bad);
	return part->bad ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SplitMix64 by Sebastiano Vigna, in the public domain. */
uint64_t part_draw(struct part *part, uint64_t below)
{
	uint64_t mixed = part->drawn += 0x9e3779b97f4a7c15u;

	mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
	mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
	return (mixed ^ (mixed >> 31)) % below;
}

void part_draw_anew(struct part *part, uint64_t number)
{
	part->drawn = part->seed ^ (number << 32);
}
