/* The evening on a disk that is recorded, block write by block write, SQLite's included. Then the disk is put
 * together anew as a power cut might have left it: with the writes up to some point; or of those that were not
 * flushed by then only some, in part. Each such disk is mounted, the terminal starts, and is asked. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/auto.h"
#include "tests/proofs/aftermath.h"
#include "tests/proofs/block_log.h"
#include "tests/proofs/lost_sync.h"
#include "tests/proofs/part.h"
#include "tests/proofs/subject.h"

#define BLOCK 4096u
#define SHORT_POINTS 60	  /* in a short run */
#define FULL_POINTS 3000  /* in a full one, at least */
#define CONTROL_POINTS 40 /* with a sync taken out */
#define LOST_SYNC 4	  /* of the last release of the night */
#define GOES_ON_EVERY 12  /* so many points go on through the next evening */

struct cutting {
	struct part *part;
	struct subject *subject;
	struct block_log log;
	char log_file[FOLDER_PATH_SIZE + 32];
	uint8_t *durable;     /* the disk with all that is flushed for sure, in the file that cuts are copied from */
	size_t durable_count; /* so many writes */
	uint64_t points;
	uint64_t bad;
	bool is_control; /* what is bad is as it should be */
};

/* ---- Recording ---- */

static int evening(struct subject *subject, void *context, struct error *err)
{
	lost_sync_arm(*(const int *)context);
	return subject_evening(subject, err);
}

static void record(struct cutting *cutting, int lost_sync)
{
	struct subject *subject = cutting->subject;
	struct recorder recorder;
	struct error err = {0};

	(void)snprintf(cutting->log_file, sizeof(cutting->log_file), "%s/log", subject->world->folder.path);
	subject_copy_fresh(subject);
	recorder_start(&recorder, subject->cut, cutting->log_file);
	if (!disk_mount(&subject->disk, recorder.shown, subject->terminal))
		part_bad(cutting->part, "the recorded disk cannot be mounted");
	else if (subject_try(subject, evening, &lost_sync, &err) != SUBJECT_DONE)
		part_bad(cutting->part, "the evening without a cut: %s", err.text);
	subject_unmount(subject);
	recorder_stop(&recorder);
	block_log_read(&cutting->log, cutting->log_file);
}

static uint8_t *map_disk(const char *file)
{
	AUTO(fd) int fd = open(file, O_RDWR | O_CLOEXEC);
	void *map = fd < 0 ? MAP_FAILED : mmap(NULL, DISK_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (map == MAP_FAILED) {
		perror(file);
		exit(EXIT_FAILURE);
	}
	return map;
}

/* ---- One cut ---- */

/* Of what was not flushed when the power failed, each write is there, or not, or in part: the disk may write them in
 * any order. It writes a block of the file system whole: ext4's superblock has no second chance, and disks have had
 * sectors of 4096 bytes for long. */
static void lose_some(struct cutting *cutting, size_t until, uint8_t *disk)
{
	for (size_t i = cutting->durable_count; i < until; i++) {
		const struct block_write *write = &cutting->log.writes[i];
		uint64_t blocks = write->len / BLOCK, fate = part_draw(cutting->part, 5);

		if (write->lasts || fate < 2)
			block_log_apply(write, write->len, disk);
		else if (fate == 2 && blocks)
			block_log_apply(write, part_draw(cutting->part, blocks) * BLOCK, disk);
	}
}

static void lose_none(struct cutting *cutting, size_t until, uint8_t *disk)
{
	for (size_t i = cutting->durable_count; i < until; i++)
		block_log_apply(&cutting->log.writes[i], cutting->log.writes[i].len, disk);
}

static void complain(struct cutting *cutting, size_t until, bool loses, const char *why)
{
	cutting->bad++;
	if (!cutting->is_control)
		part_bad(cutting->part, "number %" PRIu64 ", cut after %zu of %zu writes%s: %s", cutting->points,
			until, cutting->log.count, loses ? ", some that were not flushed lost" : "", why);
}

/* The power fails after UNTIL writes. */
static void cut(struct cutting *cutting, size_t until, bool loses)
{
	struct subject *subject = cutting->subject;
	struct aftermath aftermath = {.restarts = true, .once = true};
	struct error err = {0};
	uint8_t *disk;

	cutting->points++;
	if (cutting->part->only && cutting->part->only != cutting->points)
		return;
	part_draw_anew(cutting->part, cutting->points);
	aftermath.goes_on = part_draw(cutting->part, GOES_ON_EVERY) == 0;
	subject_copy_cut(subject);
	disk = map_disk(subject->at_work);
	(loses ? lose_some : lose_none)(cutting, until, disk);
	(void)munmap(disk, DISK_BYTES);
	if (!disk_mount(&subject->disk, subject->at_work, subject->terminal))
		complain(cutting, until, loses, "the disk cannot be mounted");
	else if (subject_try(subject, aftermath_check, &aftermath, &err) != SUBJECT_DONE)
		complain(cutting, until, loses, err.text);
	subject_unmount(subject);
}

/* After these writes everything up to DURABLE_COUNT has reached the medium. */
static void flush(struct cutting *cutting, size_t count)
{
	for (; cutting->durable_count < count; cutting->durable_count++) {
		const struct block_write *write = &cutting->log.writes[cutting->durable_count];

		block_log_apply(write, write->len, cutting->durable);
	}
}

/* ---- All cuts ---- */

static uint64_t count_writes(const struct block_log *log)
{
	uint64_t writes = 0;

	for (size_t i = 0; i < log->count; i++)
		writes += log->writes[i].len > 0;
	return writes;
}

/* POINTS cuts, evenly over the writes of the evening. Of several at one write the first loses nothing, and the others
 * lose some of what was not flushed; where there are fewer than one, every other one does. */
static void cut_everywhere(struct cutting *cutting, uint64_t points)
{
	uint64_t writes = count_writes(&cutting->log), done = 0;

	subject_copy_fresh(cutting->subject);
	cutting->durable = map_disk(cutting->subject->cut);
	cutting->durable_count = 0;
	for (size_t i = 0; i < cutting->log.count; i++) {
		const struct block_write *write = &cutting->log.writes[i];
		uint64_t before = done * points / writes;
		uint64_t cuts = write->len ? ++done * points / writes - before : 0;
		bool is_only = cuts == 1 && points < writes;

		for (uint64_t k = 0; k < cuts; k++)
			cut(cutting, i + 1, k > 0 || (is_only && cutting->points % 2));
		if (write->flushes)
			flush(cutting, write->len ? i : i + 1);
	}
	(void)munmap(cutting->durable, DISK_BYTES);
}

static uint64_t points_of(const struct part *part, const struct block_log *log)
{
	uint64_t writes = count_writes(log);

	if (part->is_short)
		return SHORT_POINTS;
	return writes * 3 > FULL_POINTS ? writes * 3 : FULL_POINTS;
}

static void cut_the_evening(struct part *part, struct subject *subject)
{
	struct cutting cutting = {.part = part, .subject = subject};

	record(&cutting, 0);
	cut_everywhere(&cutting, points_of(part, &cutting.log));
	part_say(part, "%" PRIu64 " writes, cut at %" PRIu64 " points", count_writes(&cutting.log), cutting.points);
	part->ran += cutting.points;
	block_log_clear(&cutting.log);
}

/* With one sync taken out the questions find what is wrong. */
static void control(struct part *part, struct subject *subject)
{
	struct cutting cutting = {.part = part, .subject = subject, .is_control = true};

	record(&cutting, LOST_SYNC);
	cut_everywhere(&cutting, CONTROL_POINTS);
	part_say(part, "one sync taken out: %" PRIu64 " of %" PRIu64 " points bad, as they should be", cutting.bad,
		cutting.points);
	if (!cutting.bad)
		part_bad(part, "with a sync taken out nothing was found to be wrong");
	block_log_clear(&cutting.log);
}

int main(int argc, char **argv)
{
	struct subject subject;
	struct part part;
	const char *lacking;

	part_begin(&part, "cut points", argc, argv);
	if ((lacking = disk_begin()) || (lacking = recorder_begin()))
		part_lacks(&part, lacking);
	subject_init(&subject, SUBJECT_SOUND);
	cut_the_evening(&part, &subject);
	if (!part.only)
		control(&part, &subject);
	subject_clear(&subject);
	return part_end(&part);
}
