/* Logging, as the collector does it, takes the same memory whatever the size of the ledger. */
#include "tests/support/test.h"

#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/process.h"
#include "tests/collector/grown_ledger.h"
#include "tests/support/folder.h"
#include "tests/support/memory.h"

#define BATCH 2500
#define OWN_MOST_KIB 6144
#define GROWTH_MOST_KIB 512

/* Logs some batches onto a ledger of SIZE entries. */
static void log_onto(uint64_t size, struct memory *memory)
{
	struct quill *quill = NULL;
	struct grown_ledger ledger;
	struct quill_desk desk;
	struct error err = {0};
	struct folder folder;
	char path[300];
	size_t count;

	folder_init(&folder);
	(void)snprintf(path, sizeof(path), "%s/collector", folder.path);
	assert_ok(grown_ledger_init(&ledger, path, size, &err), &err);
	desk = grown_ledger_desk(&ledger);
	assert_ok(quill_open(&desk, &quill, &err), &err);
	for (int i = 0; i < 3; i++) {
		assert_ok(grown_ledger_leave(&ledger, BATCH, &err), &err);
		assert_ok(quill_log_batch(quill, &count, &err), &err);
		assert_int_equal(count, BATCH);
		assert_ok(grown_ledger_prove(&ledger, quill, &err), &err);
		memory_look(memory);
	}
	quill_close(quill);
	grown_ledger_clear(&ledger);
	folder_clear(&folder);
}

/* What a process of its own took for that at its most. */
static long memory_for(uint64_t size)
{
	struct memory *memory =
		mmap(NULL, sizeof(*memory), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status;
	pid_t pid;
	long kib;

	assert_true(memory != MAP_FAILED);
	if ((pid = fork()) == 0) {
		log_onto(size, memory);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	kib = memory->own_kib;
	assert_int_equal(munmap(memory, sizeof(*memory)), 0);
	return kib;
}

static void test_memory_does_not_grow_with_the_ledger(void **state)
{
	long small = memory_for(1), large = memory_for(100000000);

	(void)state;
	if (PROCESS_IS_SANITIZED)
		return;
	print_message("own memory: %ld KiB, with 100 million entries %ld KiB\n", small, large);
	assert_in_range(large, 1, OWN_MOST_KIB);
	assert_in_range(large, 1, small + GROWTH_MOST_KIB);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_memory_does_not_grow_with_the_ledger)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
