/* The evening, ended at every durable step of it: the process is killed, and the agent or the machine starts anew; or
 * the power fails, and what was never synced is gone. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/auto.h"
#include "tests/proofs/aftermath.h"
#include "tests/proofs/fault.h"
#include "tests/proofs/lost_sync.h"
#include "tests/proofs/part.h"
#include "tests/proofs/subject.h"

#define LOST_SYNC 4 /* of the last release of the night */
#define CONTROL_STRIDE 31
#define STEPS 400 /* about as many as an evening has */

/* One way to crash, and what happens next. */
struct way {
	const char *name;
	enum fault_kind kind;
	bool restarts;
	uint64_t stride; /* every so many steps, in a short run */
	int lost_sync;	 /* this one does nothing; 0: all do what they should */
	bool again;	 /* the next start or evening crashes too, somewhere */
};

static const struct way ways[] = {
	{"killed, and the agent starts", FAULT_END, false, 211, 0, false},
	{"killed, and the machine starts", FAULT_END, true, 199, 0, false},
	{"killed twice", FAULT_END, true, 223, 0, true},
	{"power cut", FAULT_POWER, true, 61, 0, false},
};
static const struct way control = {"one sync taken out", FAULT_POWER, true, CONTROL_STRIDE, LOST_SYNC, false};

struct crashing {
	struct subject *subject;
	const struct way *way;
	struct fault fault;
};

static int evening(struct subject *subject, void *context, struct error *err)
{
	struct crashing *crashing = context;

	lost_sync_arm(crashing->way->lost_sync);
	fault_arm(&crashing->fault, &subject->world->fs);
	return subject_evening(subject, err);
}

/* The evening, up to the crash. */
static int crash(struct crashing *crashing, struct error *err)
{
	struct subject *subject = crashing->subject;
	struct fault *fault = &crashing->fault;
	enum subject_end end;

	(void)subject_mount(subject, fault->kind == FAULT_POWER ? SUBJECT_FRESH : SUBJECT_MEMORY);
	if (fault->kind == FAULT_POWER)
		subject_open_cut(subject, &fault->disk_fd, &fault->copy_fd);
	end = subject_try(subject, evening, crashing, err);
	if (end != SUBJECT_DONE && !(end == SUBJECT_KILLED && fault->account->fired))
		return -1;
	if (fault->kind != FAULT_POWER || !fault->account->fired)
		return 0;
	subject_unmount(subject);
	return subject_mount(subject, SUBJECT_CUT) ? 0 : error_set(err, ERROR_DAMAGED, "the disk cannot be mounted");
}

static int next_evening(struct subject *subject, void *context, struct error *err)
{
	fault_arm(context, &subject->world->fs);
	return subject_restart(subject, err) < 0 ? -1 : subject_next_evening(subject, err);
}

/* The machine starts after a crash, and crashes at a step of that or of the next evening. */
static int crash_again(struct subject *subject, uint64_t step, struct error *err)
{
	struct fault fault;
	enum subject_end end;

	fault_init(&fault);
	fault.kind = FAULT_END;
	fault.at = step;
	end = subject_try(subject, next_evening, &fault, err);
	fault_clear(&fault);
	return end == SUBJECT_DONE || end == SUBJECT_KILLED ? 0 : error_context(err, "and at step %" PRIu64, step);
}

/* One evening that crashes at STEPS[0], where the way is such the next at STEPS[1], and what comes after. *RET_FIRED is
 * false where there was no such step. */
static int try_steps(
	struct subject *subject, const struct way *way, const uint64_t steps[2], bool *ret_fired, struct error *err)
{
	struct aftermath aftermath = {.restarts = way->restarts, .goes_on = true, .runs = true, .once = true};
	struct crashing crashing = {.subject = subject, .way = way};
	const struct fault_account *account;
	int ret;

	fault_init(&crashing.fault);
	account = crashing.fault.account;
	crashing.fault.kind = way->kind;
	crashing.fault.at = steps[0];
	ret = crash(&crashing, err);
	*ret_fired = account->fired;
	if (ret == 0 && *ret_fired && way->again)
		ret = crash_again(subject, steps[1], err);
	if (ret == 0 && *ret_fired && subject_try(subject, aftermath_check, &aftermath, err) != SUBJECT_DONE)
		ret = -1;
	if (ret < 0)
		(void)error_context(err, "%s at step %" PRIu64 ", %s of '%s'", way->name, steps[0],
			fs_change_name(account->change), account->path);
	subject_unmount(subject);
	fault_clear(&crashing.fault);
	return ret;
}

/* Evening after evening, each crashing some steps later. Returns how many were bad, and says so unless this is the
 * control. */
static uint64_t try_way(
	struct part *part, struct subject *subject, const struct way *way, uint64_t stride, uint64_t *ret_tried)
{
	uint64_t steps[2] = {part->only ? part->only : 1 + part_draw(part, stride), 0};
	uint64_t tried = 0, bad = 0;
	bool fired = true;

	for (; fired; steps[0] += stride) {
		struct error err = {0};

		part_draw_anew(part, steps[0]);
		steps[1] = 1 + part_draw(part, STEPS);
		if (try_steps(subject, way, steps, &fired, &err) < 0 && ++bad && !way->lost_sync)
			part_bad(part, "%s", err.text);
		tried += fired;
		fired = fired && !part->only;
	}
	*ret_tried = tried;
	return bad;
}

/* With one sync taken out the questions find what is wrong. */
static void try_control(struct part *part, struct subject *subject)
{
	uint64_t tried, bad;

	part_draw_anew(part, 0); /* at the same steps however sparse a short run is */
	bad = try_way(part, subject, &control, control.stride, &tried);
	part_say(part, "%s: %" PRIu64 " of %" PRIu64 " steps bad, as they should be", control.name, bad, tried);
	if (!bad)
		part_bad(part, "with a sync taken out nothing was found to be wrong");
}

static void try_story(struct part *part, enum subject_story story)
{
	struct subject subject;

	part_say(part, "With %s:", subject_story_name(story));
	subject_init(&subject, story);
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		uint64_t stride = part->is_short ? ways[i].stride : 1, tried;

		(void)try_way(part, &subject, &ways[i],
			part->is_short && story != SUBJECT_SOUND ? 4 * stride : stride, &tried);
		part->ran += tried;
		part_say(part, "%s: %" PRIu64 " steps", ways[i].name, tried);
	}
	if (!part->only && story == SUBJECT_SOUND)
		try_control(part, &subject);
	subject_clear(&subject);
}

int main(int argc, char **argv)
{
	struct part part;
	const char *lacking;

	part_begin(&part, "crash points", argc, argv);
	if ((lacking = disk_begin()))
		part_lacks(&part, lacking);
	for (int story = 0; story < SUBJECT_STORIES; story++)
		try_story(&part, (enum subject_story)story);
	return part_end(&part);
}
