#include "rollback/plan.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

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

/* The file, line by line. */

/* What could not be written again is not read either. */
static int read_text(const char *value, char *ret_text, size_t size)
{
	if (strlen(value) >= size || strchr(value, '\r'))
		return -1;
	(void)strcpy(ret_text, value);
	return 0;
}

static int read_number(const char *value, uint64_t most, uint64_t *ret_number)
{
	char *end;

	errno = 0;
	*ret_number = strtoull(value, &end, 10);
	return *value < '0' || *value > '9' || *end || errno || *ret_number > most ? -1 : 0;
}

static int read_int(const char *value, int *ret_int)
{
	uint64_t number;

	if (read_number(value, NUMBER_MAX, &number) < 0)
		return -1;
	*ret_int = (int)number;
	return 0;
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

static int read_yes(const char *value, bool *ret_yes)
{
	*ret_yes = strcmp(value, "yes") == 0;
	return *ret_yes ? 0 : -1;
}

/* 0, or -1 for a bad value. A key we do not know was written by a newer release, which may have been taken back
 * since: what it added is passed over, so that the rest of the plan still holds. */
static int take_entry_value(struct plan_entry *entry, const char *key, const char *value)
{
	if (strcmp(key, "priority") == 0)
		return read_int(value, &entry->priority);
	if (strcmp(key, "group") == 0)
		return read_int(value, &entry->group);
	if (strcmp(key, "state") == 0)
		return read_state(value, &entry->state);
	if (strcmp(key, "folder") == 0)
		return read_text(value, entry->folder, sizeof(entry->folder));
	if (strcmp(key, "former") == 0)
		return read_text(value, entry->former, sizeof(entry->former));
	if (strcmp(key, "starts") == 0)
		return read_int(value, &entry->starts);
	if (strcmp(key, "starts-max") == 0)
		return read_int(value, &entry->starts_max);
	if (strcmp(key, "self-test-timeout-s") == 0)
		return read_int(value, &entry->self_test_timeout_s);
	if (strcmp(key, "self-test") == 0)
		return read_text(value, entry->self_test, sizeof(entry->self_test));
	if (strcmp(key, "reason") == 0)
		return read_text(value, entry->reason, sizeof(entry->reason));
	if (strcmp(key, "blameless") == 0)
		return read_yes(value, &entry->blameless);
	if (strcmp(key, "tested") == 0)
		return read_yes(value, &entry->tested);
	if (strcmp(key, "migrate-timeout-s") == 0)
		return read_int(value, &entry->migrate_timeout_s);
	if (strcmp(key, "migrate") == 0)
		return read_text(value, entry->migrate, sizeof(entry->migrate));
	if (strcmp(key, "migrated") == 0)
		return read_yes(value, &entry->migrated);
	if (strcmp(key, "line") == 0)
		return read_number(value, UINT64_MAX / 2, &entry->line);
	return 0;
}

static int take_value(struct plan *plan, const char *key, const char *value)
{
	struct plan_entry *entry;

	if (strcmp(key, "package") == 0) {
		if (!*value || plan->count == PLAN_MAX_ENTRIES || plan_find(plan, value))
			return -1;
		entry = &plan->entries[plan->count++];
		*entry = (struct plan_entry){0};
		return read_text(value, entry->package, sizeof(entry->package));
	}
	if (plan->count)
		return take_entry_value(&plan->entries[plan->count - 1], key, value);
	if (strcmp(key, "boot-id") == 0)
		return read_text(value, plan->boot_id, sizeof(plan->boot_id));
	if (strcmp(key, "per-restart") == 0)
		return read_int(value, &plan->per_restart);
	return 0;
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
	AUTO(free) struct plan *plan = calloc(1, sizeof(*plan));
	struct error failed = {0};

	if (!plan)
		return error_set(err, ERROR_FAILED, "no memory for the plan");
	if (fs_read_file(fs, boot_dir_fd, PLAN_FILE, &text, &failed) < 0) {
		if (failed.code != ERROR_NOT_FOUND)
			return error_set(
				err, failed.code == ERROR_REFUSED ? ERROR_DAMAGED : failed.code, "%s", failed.text);
	} else if (!text.data) {
		return error_set(err, ERROR_DAMAGED, "the plan is empty");
	} else if (parse(text.data, text.len, plan, err) < 0) {
		return -1;
	}
	memcpy(ret_plan, plan, offsetof(struct plan, entries));
	memcpy(ret_plan->entries, plan->entries, (size_t)plan->count * sizeof(*plan->entries));
	return 0;
}

/* Empty values are left out. */
static int put_text(struct buf *text, const char *key, const char *value, struct error *err)
{
	if (strpbrk(value, "\n\r"))
		return error_set(err, ERROR_USAGE, "the plan cannot hold a line break in '%s'", key);
	return *value ? buf_printf(text, err, "%s %s\n", key, value) : 0;
}

static bool is_number(int number)
{
	return number >= 0 && number <= NUMBER_MAX;
}

static int put_migration(struct buf *text, const struct plan_entry *entry, struct error *err)
{
	if (!*entry->migrate)
		return 0;
	if (buf_printf(text, err, "migrate-timeout-s %d\n", entry->migrate_timeout_s) < 0 ||
		put_text(text, "migrate", entry->migrate, err) < 0)
		return -1;
	return put_text(text, "migrated", entry->migrated ? "yes" : "", err);
}

static int put_entry(struct buf *text, const struct plan_entry *entry, struct error *err)
{
	char reason[PLAN_REASON_SIZE];

	/* Reasons come from programs: nothing in them may keep a plan from being written. */
	text_printable(entry->reason, reason, sizeof(reason));
	if (!*entry->package || !*entry->folder)
		return error_set(err, ERROR_USAGE, "an entry of the plan needs its package and its folder");
	if (!is_number(entry->priority) || !is_number(entry->group) || !is_number(entry->starts) ||
		!is_number(entry->starts_max) || !is_number(entry->self_test_timeout_s) ||
		!is_number(entry->migrate_timeout_s))
		return error_set(err, ERROR_USAGE, "%s: a number in the plan is not between 0 and %d", entry->package,
			NUMBER_MAX);
	if (put_text(text, "package", entry->package, err) < 0 ||
		buf_printf(text, err, "priority %d\ngroup %d\nstate %s\n", entry->priority, entry->group,
			plan_state_name(entry->state)) < 0 ||
		put_text(text, "folder", entry->folder, err) < 0 ||
		put_text(text, "former", entry->former, err) < 0 ||
		buf_printf(text, err, "starts %d\nstarts-max %d\nself-test-timeout-s %d\n", entry->starts,
			entry->starts_max, entry->self_test_timeout_s) < 0 ||
		put_text(text, "self-test", entry->self_test, err) < 0 || put_text(text, "reason", reason, err) < 0 ||
		put_text(text, "blameless", entry->blameless ? "yes" : "", err) < 0 ||
		put_text(text, "tested", entry->tested ? "yes" : "", err) < 0 || put_migration(text, entry, err) < 0)
		return -1;
	return entry->line ? buf_printf(text, err, "line %" PRIu64 "\n", entry->line) : 0;
}

int plan_write(struct fs *fs, int boot_dir_fd, const struct plan *plan, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(PLAN_MAX_BYTES);
	char sum[CHECKSUM_TEXT_SIZE];

	if (buf_printf(&text, err, FIRST_LINE) < 0 || put_text(&text, "boot-id", plan->boot_id, err) < 0 ||
		buf_printf(&text, err, "per-restart %d\n", plan->per_restart) < 0)
		return -1;
	for (int i = 0; i < plan->count; i++)
		if (put_entry(&text, &plan->entries[i], err) < 0)
			return -1;
	checksum_text(text.data, text.len, sum);
	if (buf_printf(&text, err, "checksum %s\n", sum) < 0)
		return -1;
	return fs_write_file(fs, boot_dir_fd, PLAN_FILE, text.data, text.len, 0644, err);
}

int plan_set_aside(struct fs *fs, int boot_dir_fd, struct error *err)
{
	char name[32];

	for (int number = 1; number <= MOST_SET_ASIDE; number++) {
		(void)snprintf(name, sizeof(name), PLAN_FILE ".damaged-%d", number);
		if (!fs_exists(fs, boot_dir_fd, name))
			break;
	}
	return fs_rename(fs, boot_dir_fd, PLAN_FILE, name, err);
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
	added.migrate_timeout_s = added.migrate_timeout_s ? added.migrate_timeout_s : TIMEOUT_DEFAULT_S;
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
