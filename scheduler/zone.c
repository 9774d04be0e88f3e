#include "scheduler/zone.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scheduler/zone_rule.h"

#define ZONE_MAX_BYTES (256 * 1024)
#define ZONE_NAME_MAX 64
#define HEADER_SIZE 44
#define TYPE_SIZE 6

/* The offset that holds from a moment on. */
struct change {
	int64_t from_s;
	int64_t offset_s;
};

struct zone {
	int64_t first_offset_s; /* before the first change */
	struct change *changes;
	size_t changes_count;
	bool has_rule; /* holds after the last change, for ever */
	struct zone_rule rule;
};

/* The counts in a TZif header (RFC 8536, 3.1). */
struct counts {
	size_t is_ut, is_standard, leaps, times, types, characters;
};

/* What is left to read of a file. */
struct reader {
	const uint8_t *at;
	size_t left;
};

static int64_t read_big_endian(const uint8_t *bytes, size_t size)
{
	uint64_t value = bytes[0] & 0x80 ? UINT64_MAX : 0;

	for (size_t i = 0; i < size; i++)
		value = value << 8 | bytes[i];
	return (int64_t)value;
}

static const uint8_t *take_bytes(struct reader *reader, size_t size)
{
	const uint8_t *bytes = reader->at;

	if (size > reader->left)
		return NULL;
	reader->at += size;
	reader->left -= size;
	return bytes;
}

static int read_header(struct reader *reader, struct counts *ret_counts, int *ret_version, struct error *err)
{
	const uint8_t *header = take_bytes(reader, HEADER_SIZE);
	size_t counts[6];

	if (!header || memcmp(header, "TZif", 4) != 0)
		return error_set(err, ERROR_INPUT, "not a time zone file");
	for (size_t i = 0; i < 6; i++) {
		counts[i] = (size_t)read_big_endian(header + 20 + 4 * i, 4);
		if (counts[i] > ZONE_MAX_BYTES)
			return error_set(err, ERROR_INPUT, "the time zone file is damaged");
	}
	*ret_counts = (struct counts){counts[0], counts[1], counts[2], counts[3], counts[4], counts[5]};
	*ret_version = header[4] ? header[4] - '0' : 1;
	return 0;
}

/* The bytes behind types in one block: names, leap seconds, and two marks that do not concern us. */
static size_t tail_size(const struct counts *counts, size_t time_size)
{
	return counts->characters + counts->leaps * (time_size + 4) + counts->is_standard + counts->is_ut;
}

static int read_changes(struct reader *reader, const struct counts *counts, struct zone *zone, struct error *err)
{
	const uint8_t *times = take_bytes(reader, counts->times * 8);
	const uint8_t *indexes = take_bytes(reader, counts->times);
	const uint8_t *types = take_bytes(reader, counts->types * TYPE_SIZE);

	if (!times || !indexes || !types || counts->types == 0 || !take_bytes(reader, tail_size(counts, 8)))
		return error_set(err, ERROR_INPUT, "the time zone file is cut short");
	for (size_t i = 0; i < counts->types; i++)
		if (llabs(read_big_endian(types + i * TYPE_SIZE, 4)) > ZONE_OFFSET_MAX_S)
			return error_set(err, ERROR_INPUT, "the time zone file is damaged");
	if (!(zone->changes = calloc(counts->times + 1, sizeof(*zone->changes))))
		return error_set(err, ERROR_FAILED, "no memory for a time zone");
	zone->first_offset_s = read_big_endian(types, 4);
	for (size_t i = 0; i < counts->times; i++) {
		struct change *change = &zone->changes[i];

		change->from_s = read_big_endian(times + i * 8, 8);
		if (indexes[i] >= counts->types || (i > 0 && change->from_s <= change[-1].from_s))
			return error_set(err, ERROR_INPUT, "the time zone file is damaged");
		change->offset_s = read_big_endian(types + indexes[i] * TYPE_SIZE, 4);
	}
	zone->changes_count = counts->times;
	return 0;
}

/* The rule between two line ends (RFC 8536, 3.3); it may be empty. */
static int read_footer(struct reader *reader, struct zone *zone, struct error *err)
{
	const uint8_t *begin = take_bytes(reader, 1), *end;
	char text[128];
	size_t len;

	if (!begin || *begin != '\n' || !(end = memchr(reader->at, '\n', reader->left)))
		return error_set(err, ERROR_INPUT, "the time zone file is cut short");
	len = (size_t)(end - reader->at);
	if (len == 0)
		return 0;
	if (len >= sizeof(text) || memchr(reader->at, '\0', len))
		return error_set(err, ERROR_INPUT, "the time zone file is damaged");
	memcpy(text, reader->at, len);
	text[len] = '\0';
	if (zone_rule_parse(text, &zone->rule, err) < 0)
		return -1;
	zone->has_rule = true;
	return 0;
}

int zone_parse(const void *data, size_t len, struct zone **ret_zone, struct error *err)
{
	AUTO(zone) struct zone *zone = NULL;
	struct reader reader = {data, len};
	struct counts counts;
	int version;

	if (!(zone = calloc(1, sizeof(*zone))))
		return error_set(err, ERROR_FAILED, "no memory for a time zone");
	if (read_header(&reader, &counts, &version, err) < 0)
		return -1;
	if (version < 2)
		return error_set(err, ERROR_INPUT, "the time zone file is of the old version 1");
	if (!take_bytes(&reader, counts.times * 5 + counts.types * TYPE_SIZE + tail_size(&counts, 4)))
		return error_set(err, ERROR_INPUT, "the time zone file is cut short");
	if (read_header(&reader, &counts, &version, err) < 0 || read_changes(&reader, &counts, zone, err) < 0 ||
		read_footer(&reader, zone, err) < 0)
		return -1;
	*ret_zone = take_ptr(&zone);
	return 0;
}

/* A name is a path below ZONE_FOLDER that cannot leave it. */
static bool name_is_plain(const char *name)
{
	size_t len = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/");

	return len > 0 && len <= ZONE_NAME_MAX && !name[len] && name[0] != '/' && name[len - 1] != '/';
}

int zone_load(struct fs *fs, const char *name, struct zone **ret_zone, struct error *err)
{
	AUTO(buf) struct buf bytes = BUF_INIT(ZONE_MAX_BYTES);
	char path[sizeof(ZONE_FOLDER) + ZONE_NAME_MAX + 1];

	if (!name_is_plain(name))
		return error_set(err, ERROR_INPUT, "'%s' is not the name of a time zone, such as Asia/Tokyo", name);
	(void)snprintf(path, sizeof(path), "%s/%s", ZONE_FOLDER, name);
	if (fs_read_file(fs, AT_FDCWD, path, &bytes, err) < 0) {
		if (err->code == ERROR_NOT_FOUND || err->sys == ENOTDIR)
			return error_set(err, ERROR_INPUT, "there is no time zone '%s' in %s (package tzdata)", name,
				ZONE_FOLDER);
		if (err->code == ERROR_DAMAGED)
			return error_set(err, ERROR_INPUT,
				"'%s' is a folder of time zones, not one of them; such as Asia/Tokyo", name);
		return error_context(err, "time zone '%s'", name);
	}
	if (zone_parse(bytes.data, bytes.len, ret_zone, err) < 0)
		return error_context(err, "%s", path);
	return 0;
}

void zone_free(struct zone *zone)
{
	if (!zone)
		return;
	free(zone->changes);
	free(zone);
}

/* The number of changes at or before UTC_S. */
static size_t changes_before(const struct zone *zone, int64_t utc_s)
{
	size_t low = 0, high = zone->changes_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (zone->changes[middle].from_s <= utc_s)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

int64_t zone_offset_s(const struct zone *zone, int64_t utc_s)
{
	size_t before = changes_before(zone, utc_s);

	if (zone->has_rule && before == zone->changes_count)
		return zone_rule_offset_s(&zone->rule, utc_s);
	return before > 0 ? zone->changes[before - 1].offset_s : zone->first_offset_s;
}

/* The first moment after UTC_S at which the offset may change; INT64_MAX where it never does. */
static int64_t next_change(const struct zone *zone, int64_t utc_s)
{
	size_t before = changes_before(zone, utc_s);

	if (before < zone->changes_count)
		return zone->changes[before].from_s;
	return zone->has_rule ? zone_rule_next_s(&zone->rule, utc_s) : INT64_MAX;
}

static int64_t floor_days(int64_t seconds)
{
	return seconds / 86400 - (seconds % 86400 < 0);
}

void zone_to_local(const struct zone *zone, int64_t utc_s, struct night_date *ret_date, int64_t *ret_second)
{
	int64_t local_s = utc_s + zone_offset_s(zone, utc_s);
	int64_t days = floor_days(local_s);

	night_date_of_days(days, ret_date);
	*ret_second = local_s - days * 86400;
}

int64_t zone_to_utc(const struct zone *zone, const struct night_date *date, int64_t second)
{
	int64_t wanted_s = night_date_days(date) * 86400 + second;
	/* Early enough that the wall shows less than what is wanted. */
	int64_t from_s = wanted_s - 2 * ZONE_OFFSET_MAX_S;

	for (;;) {
		int64_t until_s = next_change(zone, from_s);
		int64_t moment_s = wanted_s - zone_offset_s(zone, from_s);

		if (moment_s < from_s)
			moment_s = from_s; /* the clocks jumped over it */
		if (moment_s < until_s)
			return moment_s;
		from_s = until_s;
	}
}

/* Years are counted from 1 March, so that the day that may be missing is the last one of a year. */

