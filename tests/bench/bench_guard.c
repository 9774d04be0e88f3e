/* How long the guard keeps a terminal from starting: nothing staged, four packages to be activated, and four large ones.
 * The real program, from its start to its end; self-tests excluded, as the releases have none.
 *
 *   bench_guard GUARD [--json]     below TMPDIR; tests/bench/guard runs it */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "tests/rollback/machine.h"
#include "tests/support/test.h"

#define ROUNDS 21
#define PACKAGES 4
#define LARGE_BYTES (64u << 20)
#define OLD FOLDER_OF("5.0.2")
#define NEW FOLDER_OF("5.1.0")

static const char *const packages[PACKAGES] = {"distro-app", "face-library", "linkage-app", "reader-app/acme"};
static const char config[] = "[paths]\nstate = /\npackages = /opt\nboot_id = /boot_id\n[users]\nself_test = nobody\n";

struct figures {
	double median_ms, most_ms; /* on the wall, waiting for the disk included */
	double cpu_ms;		   /* mean of the program's own computing and system calls */
};

static void put_bytes(struct machine *machine, const char *package, size_t bytes)
{
	char path[256];
	char *content = malloc(bytes);

	assert_non_null(content);
	memset(content, 'x', bytes);
	(void)snprintf(path, sizeof(path), "opt/%s/versions/" NEW "/data.bin", package);
	folder_put(&machine->folder, path, content, bytes);
	free(content);
}

static void stage(struct machine *machine, size_t bytes)
{
	for (int i = 0; i < PACKAGES; i++) {
		struct plan_entry entry = {.priority = i + 1, .folder = NEW};

		(void)strcpy(entry.package, packages[i]);
		machine_put_release(machine, packages[i], OLD, 0, true);
		machine_put_release(machine, packages[i], NEW, 0, false);
		if (bytes)
			put_bytes(machine, packages[i], bytes);
		machine_stage(machine, &entry);
	}
	sync(); /* what staging leaves is durable already */
}

/* The guard as the service manager runs it; milliseconds. */
static double boot(struct machine *machine, const char *guard)
{
	const char *const argv[] = {guard, "--root", machine->folder.path, "boot", NULL};
	struct process_request request = {.argv = argv, .timeout_ms = 60000};
	struct process_result result = {0};
	struct timespec begin, end;
	struct error err = {0};

	machine_restart(machine);
	folder_put(&machine->folder, "boot_id", machine->boot_id, strlen(machine->boot_id));
	(void)clock_gettime(CLOCK_MONOTONIC, &begin);
	assert_ok(machine->processes.run(&machine->processes, &request, &result, &err), &err);
	(void)clock_gettime(CLOCK_MONOTONIC, &end);
	assert_int_equal(result.exit_status, 0);
	return (double)(end.tv_sec - begin.tv_sec) * 1e3 + (double)(end.tv_nsec - begin.tv_nsec) / 1e6;
}

/* Of all programs run so far. */
static double cpu_ms(void)
{
	struct rusage usage;

	(void)getrusage(RUSAGE_CHILDREN, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3 +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3;
}

static int compare(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

/* BYTES of each new release; -1: nothing is staged. */
static struct figures measure(const char *guard, long bytes)
{
	double times[ROUNDS], cpu_before_ms = cpu_ms();

	for (int round = 0; round < ROUNDS; round++) {
		struct machine machine;

		machine_init(&machine);
		folder_put(&machine.folder, "etc/haishin/haishin.conf", config, strlen(config));
		if (bytes >= 0)
			stage(&machine, (size_t)bytes);
		times[round] = boot(&machine, guard);
		for (int i = 0; i < PACKAGES && bytes >= 0; i++)
			assert_true(machine_runs(&machine, packages[i], NEW));
		machine_clear(&machine);
	}
	qsort(times, ROUNDS, sizeof(*times), compare);
	return (struct figures){.median_ms = times[ROUNDS / 2],
		.most_ms = times[ROUNDS - 1],
		.cpu_ms = (cpu_ms() - cpu_before_ms) / ROUNDS};
}

static void print(bool json, const char *key, const char *name, const struct figures *figures)
{
	(void)printf(json ? "\"%s\": {\"median_ms\": %.1f, \"most_ms\": %.1f, \"cpu_ms\": %.1f}, "
			  : "%s: median %.1f ms, most %.1f ms; of its own %.1f ms\n",
		json ? key : name, figures->median_ms, figures->most_ms, figures->cpu_ms);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *key, *name;
		long bytes;
	} cases[] = {
		{"nothing", "nothing staged", -1},
		{"four", "four packages activated", 0},
		{"four_large", "four packages of 64 MiB activated", LARGE_BYTES},
	};
	bool json = argc > 2 && strcmp(argv[2], "--json") == 0;

	if (argc < 2) {
		(void)fputs("usage: bench_guard GUARD [--json]\n", stderr);
		return 2;
	}
	(void)printf(json ? "{" : "");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct figures figures = measure(argv[1], cases[i].bytes);

		print(json, cases[i].key, cases[i].name, &figures);
	}
	(void)printf(json ? "\"starts\": %d}\n" : "%d starts each\n", ROUNDS);
	return 0;
}
