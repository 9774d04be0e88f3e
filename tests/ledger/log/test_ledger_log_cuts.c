/* The log is killed at each of its changes on disk, with and without a power cut, and each of them is made to fail; then it is
 * opened again. Whatever was answered stays in it, and no two checkpoints that anybody has seen contradict each other. */
#include "tests/support/test.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ledger/log/ledger_log.h"
#include "tests/ledger/ledger_fixture.h"
#include "tests/ledger/log/medium.h"
#include "tests/support/folder.h"

#define SEEN_MAX 128

enum mode { KILL, POWER_CUT, POWER_TEARS, FAIL_ONCE, FAIL_FROM_THERE };

/* The checkpoints that anybody has seen, and what the process that ended has left: shared with it. */
struct account {
	size_t count;
	struct checkpoint seen[SEEN_MAX];
	uint64_t answered; /* entries that their senders believe to be in the log */
	bool fired;
};

struct life {
	struct folder folder;
	struct medium medium;
	struct party party;
	struct fs fs;
	struct ledger_place place;
	struct account *account;
	enum mode mode;
	uint64_t at;
	int shape;
	int number; /* of the process: no two write the same entries */
};

#define BATCHES_MOST 6

/* The batches of a life: that of shape 0 crosses the end of a tile, and then leaves the tile above it as it is; the others are like it,
 * and no two alike. */
static size_t shape_life(int shape, size_t ret_batches[static BATCHES_MOST])
{
	size_t count = shape ? 3 + (size_t)shape % 4 : 4;

	for (size_t i = 0; i < count; i++)
		ret_batches[i] = i == 1 ? 254 + (size_t)shape % 5 : 1 + (i * 7 + (size_t)shape * 3) % 40;
	if (!shape) {
		ret_batches[0] = 1;
		ret_batches[2] = 2;
	}
	return count;
}

static int strike(struct fs *fs, uint64_t number, enum fs_change change, const char *path)
{
	struct life *life = fs->context;

	(void)change;
	(void)path;
	if (life->at == 0 || number < life->at || (life->mode != FAIL_FROM_THERE && number > life->at))
		return 0;
	life->account->fired = true;
	if (life->mode <= POWER_TEARS)
		_exit(42);
	return EIO;
}

static void see(struct life *life, const struct checkpoint *checkpoint)
{
	assert_true(life->account->count < SEEN_MAX);
	life->account->seen[life->account->count++] = *checkpoint;
}

/* What a reader sees who looks at the folder now. */
static void look(struct life *life, const char *name)
{
	AUTO(free) char *text = folder_get(&life->folder, name, NULL);
	struct checkpoint checkpoint;
	struct error err = {0};
	struct note note;

	if (!text)
		return;
	assert_ok(checkpoint_open(SPAN(text), &life->party.key, &checkpoint, &note, &err), &err);
	see(life, &checkpoint);
}

/* -1 where the log cannot go on. */
static int append(struct life *life, struct ledger_log *log, size_t count, struct error *err)
{
	static char texts[LEDGER_LOG_MAX_BATCH][48];
	static struct span entries[LEDGER_LOG_MAX_BATCH];
	uint64_t first;

	for (size_t i = 0; i < count; i++) {
		(void)snprintf(texts[i], sizeof(texts[i]), "process %d entry %" PRIu64, life->number,
			ledger_log_newest(log)->size + i);
		entries[i] = SPAN(texts[i]);
	}
	if (ledger_log_append(log, entries, count, &first, err) < 0)
		return -1;
	see(life, ledger_log_newest(log));
	life->account->answered = ledger_log_newest(log)->size;
	return ledger_log_publish(log, SPAN(""), err);
}

/* One process: the log is opened, or begun, and grows. */
static int live(struct life *life, struct error *err)
{
	AUTO(ledger_log) struct ledger_log *log = NULL;
	size_t batches[BATCHES_MOST], count;

	if (!fs_exists(&life->fs, life->folder.fd, "checkpoint.newest") && ledger_log_create(&life->place, err) < 0)
		return -1;
	if (!(log = ledger_log_open(&life->place, err)))
		return -1;
	count = shape_life(life->shape, batches);
	for (size_t i = 0; i < count; i++)
		if (append(life, log, batches[i], err) < 0)
			return -1;
	return 0;
}

static void live_in_a_process_of_its_own(struct life *life)
{
	struct error err = {0};
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		if (life->mode == POWER_CUT || life->mode == POWER_TEARS)
			medium_watch(&life->medium, &life->folder);
		_exit(live(life, &err) < 0 ? 1 : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
}

/* Every checkpoint that was seen is a former state of the log as it is now. */
static void check_no_contradiction(struct life *life, struct ledger_log *log)
{
	const struct checkpoint *newest = ledger_log_newest(log);
	struct merkle_path path;
	struct error err = {0};

	assert_true(newest->size >= life->account->answered);
	for (size_t i = 0; i < life->account->count; i++) {
		const struct checkpoint *seen = &life->account->seen[i];

		assert_ok(ledger_log_prove_growth(log, seen->size, newest->size, &path, &err), &err);
		assert_ok(merkle_check_consistency(seen->size, &seen->root, newest->size, &newest->root, &path, &err),
			&err);
	}
}

static void check_afterwards(struct life *life)
{
	AUTO(ledger_log) struct ledger_log *log = NULL;
	struct error err = {0};

	look(life, "checkpoint.newest");
	look(life, "checkpoint");
	life->at = 0;
	life->number = 2;
	assert_ok(live(life, &err), &err);
	if (!(log = ledger_log_open(&life->place, &err)))
		fail_msg("%s", err.text);
	check_no_contradiction(life, log);
}

static void life_init(struct life *life, enum mode mode, int shape, uint64_t at)
{
	*life = (struct life){.mode = mode, .shape = shape, .at = at, .number = 1};
	folder_init(&life->folder);
	medium_init(&life->medium);
	party_init(&life->party, "ledger.example.jp/1", VKEY_NOTE);
	fs_init(&life->fs);
	life->fs.before_change = strike;
	life->fs.context = life;
	life->place = (struct ledger_place){.fs = &life->fs,
		.folder = life->folder.path,
		.origin = "ledger.example.jp/1",
		.signer = life->party.signer};
	life->account = mmap(NULL, sizeof(*life->account), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(life->account, MAP_FAILED);
}

static void life_clear(struct life *life)
{
	(void)munmap(life->account, sizeof(*life->account));
	party_clear(&life->party);
	medium_clear(&life->medium);
	folder_clear(&life->folder);
}

/* At each change on disk of a life, until there is none left to strike; how many there were. */
static uint64_t strike_life(enum mode mode, int shape)
{
	bool fired = true;
	uint64_t at;

	for (at = 1; fired; at++) {
		struct life life;

		life_init(&life, mode, shape, at);
		live_in_a_process_of_its_own(&life);
		fired = life.account->fired;
		if (mode == POWER_CUT)
			medium_cut(&life.medium, &life.folder);
		if (mode == POWER_TEARS)
			medium_tear(&life.medium, &life.folder);
		check_afterwards(&life);
		life_clear(&life);
	}
	return at - 2;
}

/* One life, or as many as it takes to come to LEDGER_STRIKES. */
static void strike_everywhere(enum mode mode)
{
	static const char *const names[] = {"killed", "power cut", "power cut, names alone kept", "change failed",
		"changes failed from there on"};
	const char *least = getenv("LEDGER_STRIKES");
	uint64_t struck = 0;

	for (int shape = 0; shape == 0 || (least && struck < strtoull(least, NULL, 10)); shape++)
		struck += strike_life(mode, shape);
	print_message("%s: %" PRIu64 " ran, 0 bad\n", names[mode], struck);
}

TEST_CASE(test_never_contradicts_itself_wherever_it_is_killed)
{
	strike_everywhere(KILL);
}

TEST_CASE(test_never_contradicts_itself_whenever_the_power_goes)
{
	strike_everywhere(POWER_CUT);
}

TEST_CASE(test_never_contradicts_itself_when_names_outlive_their_bytes)
{
	strike_everywhere(POWER_TEARS);
}

TEST_CASE(test_never_contradicts_itself_whichever_change_fails)
{
	strike_everywhere(FAIL_ONCE);
}

TEST_CASE(test_never_contradicts_itself_when_the_disk_fails_for_good)
{
	strike_everywhere(FAIL_FROM_THERE);
}

TESTS(NULL, NULL)
