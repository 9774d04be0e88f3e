/* The evening, with each durable step of it failing: that one alone, or the disk from there on until the restart. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "common/auto.h"
#include "tests/proofs/aftermath.h"
#include "tests/proofs/fault.h"
#include "tests/proofs/part.h"
#include "tests/proofs/subject.h"

struct way {
	const char *name;
	enum fault_kind kind;
	int sys;
	uint64_t
		stride; /* every so many steps, in a short run; in a full one it is each, or every third with releases
			  * that are not sound */
};

static const struct way ways[] = {
	{"no space left, once", FAULT_FAIL, ENOSPC, 277},
	{"input/output error, once", FAULT_FAIL, EIO, 317},
	{"read-only, once", FAULT_FAIL, EROFS, 313},
	{"no space left from there on", FAULT_FAIL_ON, ENOSPC, 277},
	{"input/output errors from there on", FAULT_FAIL_ON, EIO, 317},
	{"read-only from there on", FAULT_FAIL_ON, EROFS, 313},
};

static int evening(struct subject *subject, void *context, struct error *err)
{
	fault_arm(context, &subject->world->fs);
	return subject_evening(subject, err);
}

/* One evening with a failing step, and what comes after. Returns false where there was no such step any more. */
static bool try_step(struct part *part, struct subject *subject, const struct way *way, uint64_t step)
{
	struct aftermath aftermath = {.restarts = true, .goes_on = true, .runs = true};
	struct fault fault;
	struct error err = {0};
	enum subject_end end;
	bool fired;

	fault_init(&fault);
	fault.kind = way->kind;
	fault.sys = way->sys;
	fault.at = step;
	(void)subject_mount(subject, SUBJECT_MEMORY);
	end = subject_try(subject, evening, &fault, &err);
	if (end != SUBJECT_DONE && !(end == SUBJECT_FAILED && fault.account->fired))
		part_bad(part, "%s at step %" PRIu64 ": %s", way->name, step, err.text);
	fired = fault.account->fired;
	if (fired) {
		part_ran(part);
		if (subject_try(subject, aftermath_check, &aftermath, &err) != SUBJECT_DONE)
			part_bad(part, "%s at step %" PRIu64 ", %s of '%s': %s", way->name, step,
				fs_change_name(fault.account->change), fault.account->path, err.text);
	}
	subject_unmount(subject);
	fault_clear(&fault);
	return fired;
}

static void try_way(struct part *part, struct subject *subject, const struct way *way)
{
	uint64_t sparser = subject->story == SUBJECT_SOUND ? 1 : part->is_short ? 4 : 3;
	uint64_t stride = (part->is_short ? way->stride : 1) * sparser;
	uint64_t before = part->ran, step = part->only ? part->only : 1 + part_draw(part, stride);

	while (try_step(part, subject, way, step) && !part->only)
		step += stride;
	part_say(part, "%s: %" PRIu64 " steps", way->name, part->ran - before);
}

static void try_story(struct part *part, enum subject_story story)
{
	struct subject subject;

	part_say(part, "With %s:", subject_story_name(story));
	subject_init(&subject, story);
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++)
		try_way(part, &subject, &ways[i]);
	subject_clear(&subject);
}

int main(int argc, char **argv)
{
	struct part part;
	const char *lacking;

	part_begin(&part, "failed writes", argc, argv);
	if ((lacking = disk_begin()))
		part_lacks(&part, lacking);
	for (int story = 0; story < SUBJECT_STORIES; story++)
		try_story(&part, (enum subject_story)story);
	return part_end(&part);
}
