/* The evening, ended at every durable step of it: the process is killed, and the agent or the machine starts anew; or
 * the power fails, and what was never synced is gone. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/proofs/aftermath.h"
#include "tests/proofs/fault.h"
#include "tests/proofs/part.h"
#include "tests/proofs/subject.h"

/* One way to crash, and what happens next. */
struct way {
	const char *name;
	enum fault_kind kind;
	bool restarts;
	uint64_t stride; /* every so many steps, in a short run */
};

static const struct way ways[] = {
	{"killed, and the agent starts", FAULT_END, false, 61},
	{"killed, and the machine starts", FAULT_END, true, 59},
	{"power cut", FAULT_POWER, true, 17},
};

static int evening(struct subject *subject, void *context, struct error *err)
{
	fault_arm(context, &subject->world->fs);
	return subject_evening(subject, err);
}

/* One evening that crashes at a step, and what comes after. Returns false where there was no such step any more. */
static bool try_step(struct part *part, struct subject *subject, const struct way *way, uint64_t step)
{
	struct aftermath aftermath = {.restarts = way->restarts, .goes_on = true, .runs = true, .once = true};
	struct fault fault;
	struct error err = {0};
	enum subject_end end;
	bool fired;

	fault_init(&fault);
	fault.kind = way->kind;
	fault.at = step;
	(void)subject_mount(subject, way->kind == FAULT_POWER ? SUBJECT_FRESH : SUBJECT_MEMORY);
	if (way->kind == FAULT_POWER)
		subject_open_cut(subject, &fault.disk_fd, &fault.copy_fd);
	end = subject_try(subject, evening, &fault, &err);
	if (end != SUBJECT_DONE && !(end == SUBJECT_KILLED && fault.account->fired))
		part_bad(part, "%s at step %" PRIu64 ": %s", way->name, step, err.text);
	fired = fault.account->fired;
	if (way->kind == FAULT_POWER) {
		subject_unmount(subject);
		if (fired && !subject_mount(subject, SUBJECT_CUT))
			part_bad(part, "%s at step %" PRIu64 ": the disk cannot be mounted", way->name, step);
	}
	if (fired) {
		part_ran(part);
		if (subject_try(subject, aftermath_check, &aftermath, &err) != SUBJECT_DONE)
			part_bad(part, "%s at step %" PRIu64 ", %s of '%s': %s", way->name, step,
				fs_change_name(fault.account->change), fault.account->path, err.text);
	}
	subject_unmount(subject);
	fault_release(&fault);
	return fired;
}

static void try_way(struct part *part, struct subject *subject, const struct way *way)
{
	uint64_t stride = part->is_short ? way->stride : 1;
	uint64_t step = 1 + part_draw(part, stride), before = part->ran;

	if (part->only)
		(void)try_step(part, subject, way, part->only);
	else
		while (try_step(part, subject, way, step))
			step += stride;
	part_say(part, "%s: %" PRIu64 " of %" PRIu64 " steps", way->name, part->ran - before, step - 1);
}

int main(int argc, char **argv)
{
	struct subject subject;
	struct part part;
	const char *lacking;

	part_begin(&part, "crash points", argc, argv);
	if ((lacking = disk_begin()))
		part_lacks(&part, lacking);
	subject_init(&subject);
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++)
		try_way(&part, &subject, &ways[i]);
	subject_release(&subject);
	return part_end(&part);
}
