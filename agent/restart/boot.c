#include "agent/restart/boot.h"

#include <string.h>

#include "agent/restart/boot_compare.h"
#include "agent/restart/boot_journal.h"
#include "common/text.h"

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
