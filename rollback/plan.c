#include "rollback/plan.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "common/number.h"
#include "common/text.h"
#include "rollback/checksum.h"

#define PLAN_FILE "plan"
#define FIRST_LINE "haishin-plan 1\n"
#define PLAN_MAX_BYTES (512u << 10)
#define STARTS_MAX_DEFAULT 3
#define TIMEOUT_DEFAULT_S 60
#define MOST_SET_ASIDE 99
#define NUMBER_MAX 1000000

static const char *const state_names[] = {
	[PLAN_STAGED] = "staged", [PLAN_TRIAL] = "trial", [PLAN_CONDEMNED] = "condemned"};

const char *plan_state_name(enum plan_state state)
{
	return (size_t)state < ARRAY_SIZE(state_names) ? state_names[state] : "unknown";
}

int plan_lock(struct fs *fs, int boot_dir_fd, struct error *err)
{
	return fs_lock(fs, boot_dir_fd, "lock", true, err);
}

/* ---- The file: what stands under which key, for reading and writing alike ---- */

enum kind {
	KIND_TEXT,   /* char[SIZE] */
	KIND_REASON, /* the same; comes from programs, and nothing in it may keep a plan from being written */
	KIND_NUMBER, /* int, 0 to NUMBER_MAX */
	KIND_LINE,   /* uint64_t */
	KIND_STATE,  /* enum plan_state */
	KIND_YES,    /* bool */
};

struct field {
	const char *key;
	enum kind kind;
	size_t at, size; /* in the struct that holds it */
};

#define FIELD(type, key, kind, member)                                                                               \
	{                                                                                                            \
		key, kind, offsetof(struct type, member), sizeof(((struct type *)0)->member)                         \
	}

/* About the machine, before the first package. */
static const struct field plan_fields[] = {
	FIELD(plan, "boot-id", KIND_TEXT, boot_id),
	FIELD(plan, "per-restart", KIND_NUMBER, per_restart),
};

/* About one package; its name begins what is about it. */
static const struct field entry_fields[] = {
	FIELD(plan_entry, "package", KIND_TEXT, package),
	FIELD(plan_entry, "priority", KIND_NUMBER, priority),
	FIELD(plan_entry, "group", KIND_NUMBER, group),
	FIELD(plan_entry, "state", KIND_STATE, state),
	FIELD(plan_entry, "folder", KIND_TEXT, folder),
	FIELD(plan_entry, "former", KIND_TEXT, former),
	FIELD(plan_entry, "starts", KIND_NUMBER, starts),
	FIELD(plan_entry, "starts-max", KIND_NUMBER, starts_max),
	FIELD(plan_entry, "self-test-timeout-s", KIND_NUMBER, self_test_timeout_s),
	FIELD(plan_entry, "self-test", KIND_TEXT, self_test),
	FIELD(plan_entry, "reason", KIND_REASON, reason),
	FIELD(plan_entry, "blameless", KIND_YES, blameless),
	FIELD(plan_entry, "tested", KIND_YES, tested),
	FIELD(plan_entry, "migrate-timeout-s", KIND_NUMBER, migrate_timeout_s),
	FIELD(plan_entry, "migrate", KIND_TEXT, migrate),
	FIELD(plan_entry, "network", KIND_YES, network),
	FIELD(plan_entry, "migrated", KIND_YES, migrated),
	FIELD(plan_entry, "line", KIND_LINE, line),
};

static int read_number(const char *value, uint64_t most, uint64_t *ret_number)
{
	const char *end = number_scan(value, ret_number);

	return end && !*end && *ret_number <= most ? 0 : -1;
}

static int read_state(const char *value, enum plan_state *ret_state)
{
	for (size_t i = 0; i < ARRAY_SIZE(state_names); i++)
		if (strcmp(value, state_names[i]) == 0) {
			*ret_state = (enum plan_state)i;
			return 0;
		}
	return -1;
}

static int read_value(const struct field *field, const char *value, void *ret_value)
{
	uint64_t number;

	switch (field->kind) {
	case KIND_TEXT:
	case KIND_REASON:
		if (strlen(value) >= field->size || strchr(value, '\r')) /* what could not be written again */
			return -1;
		(void)strcpy(ret_value, value);
		return 0;
	case KIND_NUMBER:
		if (read_number(value, NUMBER_MAX, &number) < 0)
			return -1;
		*(int *)ret_value = (int)number;
		return 0;
	case KIND_LINE:
		return read_number(value, UINT64_MAX / 2, ret_value);
	case KIND_STATE:
		return read_state(value, ret_value);
	case KIND_YES:
		*(bool *)ret_value = true;
		return strcmp(value, "yes") == 0 ? 0 : -1;
	}
	return -1;
}

/* 0, or -1 for a bad value. A key we do not know was written by a newer release, which may have been taken back
 * since: what it added is passed over, so that the rest of the plan still holds. */
static int read_field(const struct field *fields, size_t count, const char *key, const char *value, void *ret_struct)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(key, fields[i].key) == 0)
			return read_value(&fields[i], value, (char *)ret_struct + fields[i].at);
	return 0;
}

static int take_value(struct plan *plan, const char *key, const char *value)
{
	if (strcmp(key, "package") == 0) {
		if (!*value || plan->count == PLAN_MAX_ENTRIES || plan_find(plan, value))
			return -1;
		plan->entries[plan->count++] = (struct plan_entry){0};
	}
	if (plan->count == 0)
		return read_field(plan_fields, ARRAY_SIZE(plan_fields), key, value, plan);
	return read_field(entry_fields, ARRAY_SIZE(entry_fields), key, value, &plan->entries[plan->count - 1]);
}

/* The last line covers all before it, so a file cut anywhere is found out. Cuts it off. */
static int check_sum(char *text, size_t len, struct error *err)
{
	static const char key[] = "checksum ";
	const size_t line_len = sizeof(key) - 1 + CHECKSUM_TEXT_SIZE; /* with its line break */
	char sum[CHECKSUM_TEXT_SIZE];
	char *line = text + len - line_len;

	if (len < line_len || strlen(text) != len || strncmp(line, key, strlen(key)) != 0)
		return error_set(err, ERROR_DAMAGED, "the plan ends without its checksum");
	checksum_text(text, len - line_len, sum);
	if (strncmp(line + strlen(key), sum, strlen(sum)) != 0 || text[len - 1] != '\n')
		return error_set(err, ERROR_DAMAGED, "the plan does not match its checksum");
	*line = '\0';
	return 0;
}

static int parse(char *text, size_t len, struct plan *plan, struct error *err)
{
	int number = 1;
	char *line, *rest;

	if (len < strlen(FIRST_LINE) || strncmp(text, FIRST_LINE, strlen(FIRST_LINE)) != 0)
		return error_set(err, ERROR_DAMAGED, "the plan's line 1 is not 'haishin-plan 1'");
	if (check_sum(text, len, err) < 0)
		return -1;
	rest = text + strlen(FIRST_LINE);
	while (rest && *rest && (line = strsep(&rest, "\n"))) {
		char *value = strchr(line, ' ');

		number++;
		if (value)
			*value++ = '\0';
		if (!value || take_value(plan, line, value) < 0)
			return error_set(err, ERROR_DAMAGED, "the plan's line %d (%.40s) is damaged", number, line);
	}
	for (int i = 0; i < plan->count; i++)
		if (!*plan->entries[i].folder)
			return error_set(
				err, ERROR_DAMAGED, "the plan names no folder for %s", plan->entries[i].package);
	return 0;
}

int plan_read(struct fs *fs, int boot_dir_fd, struct plan *ret_plan, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(PLAN_MAX_BYTES);
	struct error failed = {0};
	int ret = 0;

	memset(ret_plan, 0, offsetof(struct plan, entries));
	if (fs_read_file(fs, boot_dir_fd, PLAN_FILE, &text, &failed) < 0) {
		if (failed.code != ERROR_NOT_FOUND)
			ret = error_set(
				err, failed.code == ERROR_REFUSED ? ERROR_DAMAGED : failed.code, "%s", failed.text);
	} else if (!text.data) {
		ret = error_set(err, ERROR_DAMAGED, "the plan is empty");
	} else if ((ret = parse(text.data, text.len, ret_plan, err)) < 0) {
		memset(ret_plan, 0, offsetof(struct plan, entries));
	}
	return ret;
}

/* Empty values are left out, numbers that are 0 too. */
static int put_text(struct buf *text, const char *key, const char *value, struct error *err)
{
	if (strpbrk(value, "\n\r"))
		return error_set(err, ERROR_USAGE, "the plan cannot hold a line break in '%s'", key);
	return *value ? buf_printf(text, err, "%s %s\n", key, value) : 0;
}

static int put_number(struct buf *text, const char *key, int number, struct error *err)
{
	if (number < 0 || number > NUMBER_MAX)
		return error_set(err, ERROR_USAGE, "the plan's number '%s' is not between 0 and %d", key, NUMBER_MAX);
	return number ? buf_printf(text, err, "%s %d\n", key, number) : 0;
}

static int put_value(struct buf *text, const struct field *field, const void *value, struct error *err)
{
	char reason[PLAN_REASON_SIZE];
	uint64_t line;

	switch (field->kind) {
	case KIND_TEXT:
		return put_text(text, field->key, value, err);
	case KIND_REASON:
		text_printable(value, reason, sizeof(reason));
		return put_text(text, field->key, reason, err);
	case KIND_NUMBER:
		return put_number(text, field->key, *(const int *)value, err);
	case KIND_LINE:
		line = *(const uint64_t *)value;
		return line ? buf_printf(text, err, "%s %" PRIu64 "\n", field->key, line) : 0;
	case KIND_STATE:
		return put_text(text, field->key, plan_state_name(*(const enum plan_state *)value), err);
	case KIND_YES:
		return put_text(text, field->key, *(const bool *)value ? "yes" : "", err);
	}
	return -1;
}

static int put_fields(struct buf *text, const struct field *fields, size_t count, const void *from, struct error *err)
{
	for (size_t i = 0; i < count; i++)
		if (put_value(text, &fields[i], (const char *)from + fields[i].at, err) < 0)
			return -1;
	return 0;
}

static int put_entry(struct buf *text, const struct plan_entry *entry, struct error *err)
{
	if (!*entry->package || !*entry->folder)
		return error_set(err, ERROR_USAGE, "an entry of the plan needs its package and its folder");
	if (put_fields(text, entry_fields, ARRAY_SIZE(entry_fields), entry, err) < 0)
		return error_context(err, "%s", entry->package);
	return 0;
}

int plan_write(struct fs *fs, int boot_dir_fd, const struct plan *plan, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(PLAN_MAX_BYTES);
	char sum[CHECKSUM_TEXT_SIZE];

	if (buf_printf(&text, err, FIRST_LINE) < 0 ||
		put_fields(&text, plan_fields, ARRAY_SIZE(plan_fields), plan, err) < 0)
		return -1;
	for (int i = 0; i < plan->count; i++)
		if (put_entry(&text, &plan->entries[i], err) < 0)
			return -1;
	checksum_text(text.data, text.len, sum);
	if (buf_printf(&text, err, "checksum %s\n", sum) < 0)
		return -1;
	return fs_write_file(fs, boot_dir_fd, PLAN_FILE, text.data, text.len, 0644, err);
}

int plan_set_file_aside(struct fs *fs, int boot_dir_fd, const char *file, struct error *err)
{
	char name[32];

	for (int number = 1; number <= MOST_SET_ASIDE; number++) {
		(void)snprintf(name, sizeof(name), "%s.damaged-%d", file, number);
		if (!fs_exists(fs, boot_dir_fd, name))
			break;
	}
	return fs_rename(fs, boot_dir_fd, file, name, err);
}

int plan_set_aside(struct fs *fs, int boot_dir_fd, struct error *err)
{
	return plan_set_file_aside(fs, boot_dir_fd, PLAN_FILE, err);
}

struct plan_entry *plan_find(struct plan *plan, const char *package)
{
	for (int i = 0; i < plan->count; i++)
		if (strcmp(plan->entries[i].package, package) == 0)
			return &plan->entries[i];
	return NULL;
}

int plan_put(struct plan *plan, const struct plan_entry *entry, struct error *err)
{
	struct plan_entry added = *entry;
	int at;

	if (!plan_find(plan, entry->package) && plan->count == PLAN_MAX_ENTRIES)
		return error_set(err, ERROR_FAILED, "the plan holds %d packages and no more", PLAN_MAX_ENTRIES);
	added.starts_max = added.starts_max ? added.starts_max : STARTS_MAX_DEFAULT;
	added.self_test_timeout_s = added.self_test_timeout_s ? added.self_test_timeout_s : TIMEOUT_DEFAULT_S;
	if (*added.migrate && !added.migrate_timeout_s)
		added.migrate_timeout_s = TIMEOUT_DEFAULT_S;
	plan_drop(plan, added.package);
	for (at = plan->count; at > 0 && plan->entries[at - 1].priority > added.priority; at--)
		;
	memmove(&plan->entries[at + 1], &plan->entries[at], (size_t)(plan->count - at) * sizeof(added));
	plan->entries[at] = added;
	plan->count++;
	return 0;
}

void plan_drop(struct plan *plan, const char *package)
{
	struct plan_entry *entry = plan_find(plan, package);

	if (!entry)
		return;
	memmove(entry, entry + 1, (size_t)(&plan->entries[plan->count] - (entry + 1)) * sizeof(*entry));
	plan->count--;
}

bool plan_go_together(const struct plan_entry *entry, const struct plan_entry *other)
{
	return entry == other || (entry->group && entry->group == other->group);
}

bool plan_has_begun(const struct plan *plan, const struct plan_entry *entry)
{
	for (int i = 0; i < plan->count; i++) {
		const struct plan_entry *other = &plan->entries[i];

		if (plan_go_together(entry, other) && (other->state != PLAN_STAGED || other->line))
			return true;
	}
	return false;
}

bool plan_is_on_trial(const struct plan *plan, const struct plan_entry *entry)
{
	for (int i = 0; i < plan->count; i++)
		if (plan_go_together(entry, &plan->entries[i]) && plan->entries[i].state != PLAN_TRIAL)
			return false;
	return true;
}

int plan_count_trials(const struct plan *plan)
{
	int trials = 0;

	for (int i = 0; i < plan->count; i++)
		trials += plan_is_on_trial(plan, &plan->entries[i]);
	return trials;
}

int plan_free_group(const struct plan *plan)
{
	int highest = 0;

	for (int i = 0; i < plan->count; i++)
		if (plan->entries[i].group > highest)
			highest = plan->entries[i].group;
	return highest + 1;
}
