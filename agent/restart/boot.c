#include "agent/restart/boot.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "agent/restart/boot_inside.h"
#include "agent/store/delivery.h"
#include "agent/store/delivery_rows.h"
#include "agent/store/history.h"
#include "agent/store/installed.h"
#include "common/digest.h"
#include "common/text.h"

#define FOLDER_DIGITS 8

/* ---- What both steps need ---- */

static const char *folder_digits(const char *folder)
{
	const char *dash = strrchr(folder, '-');

	if (!dash || dash == folder || strlen(dash + 1) != FOLDER_DIGITS ||
		strspn(dash + 1, "0123456789abcdef") != FOLDER_DIGITS)
		return NULL;
	return dash + 1;
}

/* Read in pieces: a release's own bytes may be many megabytes, and the resident agent stays small. */
static int digest_file(
	struct fs *fs, int dir_fd, const char *name, char ret_hex[static SHA256_HEX_SIZE], struct error *err)
{
	AUTO(digest) struct digest *digest = digest_new(DIGEST_SHA256, err);
	AUTO(fd) int fd = -1;
	struct sha256 sum;
	char chunk[16384];
	ssize_t got;

	if (!digest || (fd = fs_open(fs, dir_fd, name, O_RDONLY | O_NOFOLLOW, err)) < 0)
		return -1;
	while ((got = read(fd, chunk, sizeof(chunk))) != 0) {
		if (got < 0 && errno != EINTR)
			return error_system(err, errno, "cannot read '%s'", name);
		if (got > 0)
			digest_update(digest, chunk, (size_t)got);
	}
	digest_finish(digest, &sum);
	(void)sha256_hex(&sum, ret_hex);
	return 0;
}

bool boot_folder_digest(
	struct fs *fs, const struct versions *versions, const char *folder, char ret_digest[static SHA256_HEX_SIZE])
{
	const char *digits = folder_digits(folder);
	char name[VERSIONS_FOLDER_SIZE + sizeof(".json")];
	struct error ignored = {0};

	if (!digits)
		return false;
	(void)snprintf(name, sizeof(name), "%s.json", folder);
	if (digest_file(fs, versions_dir_fd(versions), name, ret_digest, &ignored) < 0 ||
		memcmp(ret_digest, digits, FOLDER_DIGITS) != 0)
		text_cut(digits, ret_digest, SHA256_HEX_SIZE);
	return true;
}

int boot_adopt(struct boot *boot, struct versions *versions, const char *package, const char *folder,
	enum delivery_state state, struct delivery *ret_delivery, struct error *err)
{
	char digest[SHA256_HEX_SIZE];

	if (!boot_folder_digest(boot->env->fs, versions, folder, digest))
		return error_set(err, ERROR_NOT_FOUND, "'%s' of %s is not the folder of a release", folder, package);
	return delivery_adopt(boot->store, package, folder, digest, state,
		"found on disk; the store did not know of it", ret_delivery, err);
}

int boot_bring_to_staged(struct boot *boot, struct delivery *delivery, struct error *err)
{
	if (delivery->state == DELIVERY_PLANNED &&
		delivery_begin(boot->store, delivery, delivery->payload_bytes, err) < 0)
		return -1;
	return delivery->state == DELIVERY_FETCHING ? delivery_staged(boot->store, delivery, 0, err) : 0;
}

int boot_record_installed(struct boot *boot, struct versions *versions, const char *package, const char *folder,
	int64_t since_s, struct error *err)
{
	struct installed_row row = {.since_s = since_s};

	if (!*folder)
		return installed_drop(boot->store, package, err);
	if (!boot_folder_digest(boot->env->fs, versions, folder, row.digest))
		return 0;
	record_text(package, row.package, sizeof(row.package));
	record_text(folder, row.folder, sizeof(row.folder));
	package_folder_version(folder, row.version);
	return installed_put(boot->store, &row, err);
}

int boot_record(struct boot *boot, const char *operation, const char *package, const char *outcome,
	const char *detail, const struct history_moment *when, struct error *err)
{
	struct history_entry entry = {
		.operation = operation,
		.package = package,
		.outcome = outcome,
		.detail = detail,
		.when = when,
	};

	return history_add(boot->store, &entry, err);
}

/* ---- The steps ---- */

/* A plan that cannot be read is set aside; what it said is worked out anew from disk and store. */
static int read_plan(struct boot *boot, struct error *err)
{
	struct fs *fs = boot->env->fs;
	struct error damage = {0};

	if (plan_read(fs, boot->options->boot_dir_fd, boot->plan, &damage) == 0)
		return 0;
	if (damage.code != ERROR_DAMAGED)
		return error_set(err, damage.code, "%s", damage.text);
	memset(boot->plan, 0, sizeof(*boot->plan));
	boot->result->repaired++;
	if (plan_set_aside(fs, boot->options->boot_dir_fd, err) < 0)
		return -1;
	return boot_record(boot, "repair", NULL, "done", damage.text, NULL, err);
}

static bool is_listed(const struct boot_options *options, const char *package)
{
	for (size_t i = 0; options->packages && options->packages[i]; i++)
		if (strcmp(options->packages[i], package) == 0)
			return true;
	return false;
}

/* Of packages that this terminal no longer runs, too. */
static int compare_deliveries(struct boot *boot, struct error *err)
{
	char package[PLAN_NAME_SIZE] = "";
	const char *const texts[] = {package};
	struct delivery delivery;
	bool found = true;

	while (found) {
		if (delivery_row_find(boot->store, STATEMENT_DELIVERY_NEXT_OPEN, texts, 1, &delivery, &found, err) <
			0)
			return -1;
		if (!found)
			return 0;
		text_cut(delivery.package, package, sizeof(package));
		if (!is_listed(boot->options, package) && boot_compare(boot, package, err) < 0)
			return error_context(err, "%s", package);
	}
	return 0;
}

/* The packages that this terminal runs, those that the plan names, and those with a delivery that is not over. */
static int compare_all(struct boot *boot, struct error *err)
{
	const struct boot_options *options = boot->options;
	char package[PLAN_NAME_SIZE];

	for (size_t i = 0; options->packages && options->packages[i]; i++)
		if (boot_compare(boot, options->packages[i], err) < 0)
			return error_context(err, "%s", options->packages[i]);
	for (int i = boot->plan->count - 1; i >= 0; i--) { /* from the end: entries may go */
		if (i >= boot->plan->count)
			continue;
		text_cut(boot->plan->entries[i].package, package, sizeof(package));
		if (!is_listed(options, package) && boot_compare(boot, package, err) < 0)
			return error_context(err, "%s", package);
	}
	return compare_deliveries(boot, err);
}

static int settle(struct boot *boot, struct error *err)
{
	if (read_plan(boot, err) < 0 || compare_all(boot, err) < 0)
		return -1;
	return boot->plan_changed ? plan_write(boot->env->fs, boot->options->boot_dir_fd, boot->plan, err) : 0;
}

/* The plan is written before the transaction ends: after a cut in between, the next start finds the plan repaired and
 * does the rest; no row of the history comes twice. */
int boot_reconcile(const struct env *env, struct store *store, const struct boot_options *options,
	struct boot_result *ret_result, struct error *err)
{
	AUTO(fd) int lock_fd = -1;
	AUTO(free) struct plan *plan = calloc(1, sizeof(*plan));
	struct boot boot = {.env = env, .store = store, .options = options, .result = ret_result, .plan = plan};

	*ret_result = (struct boot_result){0};
	if (!plan)
		return error_set(err, ERROR_FAILED, "no memory for the plan");
	if ((lock_fd = plan_lock(env->fs, options->boot_dir_fd, err)) < 0)
		return -1;
	if (boot_take_journal(&boot, err) < 0 || store_begin(store, err) < 0 ||
		store_end(store, settle(&boot, err), err) < 0)
		return error_context(err, "bringing disk, plan and store in line");
	ret_result->on_trial = plan_count_trials(plan);
	return 0;
}

int boot_reconcile_terminal(struct terminal *terminal, struct boot_result *ret_result, struct error *err)
{
	const struct boot_options options = {
		.boot_dir_fd = terminal->boot_dir_fd,
		.packages_dir_fd = terminal->packages_dir_fd,
		.packages = (const char *const *)terminal->config->packages.items,
		.starts_max = (int)terminal->config->starts_max,
	};

	return boot_reconcile(terminal->env, terminal->store, &options, ret_result, err);
}
