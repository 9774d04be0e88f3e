#include "agent/status/status_collect.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/installed_agent.h"
#include "agent/server/delta_count.h"
#include "agent/server/distribution.h"
#include "agent/server/last_contact.h"
#include "agent/status/explain.h"
#include "agent/status/status_judge.h"
#include "agent/status/status_turn.h"
#include "agent/store/contact.h"
#include "agent/store/quarantine.h"
#include "agent/turn/disabled.h"
#include "agent/turn/windows.h"
#include "common/text.h"
#include "manifests/tuf/time_floor.h"
#include "rollback/plan.h"

#define AHEAD_S 3600
#define FOLDER_DIGITS 8 /* of its digest that a release's folder bears: nobody knows more of one that the store has lost */
#define WINDOWS_LOOKED_AT_S (STATUS_WINDOWS_MOST * 86400)

/* ---- Disk and plan. ---- */

/* True if one of the machine's faults is in the package's folder. */
static bool is_odd(const struct terminal *terminal, const struct machine *machine, const char *name)
{
	char folder[PATH_MAX];
	size_t len;

	(void)snprintf(folder, sizeof(folder), "%s/%s", terminal->config->packages_path, name);
	len = strlen(folder);
	for (size_t i = 0; i < machine->count; i++) {
		const struct machine_fault *fault = &machine->faults[i];

		if (fault->kind == MACHINE_PACKAGE_ODD && strncmp(fault->place, folder, len) == 0 &&
			(!fault->place[len] || fault->place[len] == '/'))
			return true;
	}
	return false;
}

static void read_disk(struct terminal *terminal, const struct machine *machine, struct status_package *package)
{
	char previous[VERSIONS_FOLDER_SIZE];

	terminal_read_link(terminal, package->name, "current", package->folder);
	terminal_read_link(terminal, package->name, "previous", previous);
	package->is_odd = is_odd(terminal, machine, package->name);
	package_folder_version(package->folder, package->version);
	package_folder_version(previous, package->previous_version);
	if (!*package->version)
		(void)strcpy(package->version, VERSION_BROKEN);
}

static void take_entry(struct status *status, const struct plan_entry *entry)
{
	for (size_t i = 0; i < status->count; i++) {
		struct status_package *package = &status->packages[i];

		if (strcmp(package->name, entry->package) != 0)
			continue;
		if (entry->state == PLAN_STAGED) {
			package_folder_version(entry->folder, package->staged_version);
			text_assign(package->staged_folder, entry->folder);
		}
		package->on_trial = entry->state == PLAN_TRIAL;
		package->condemned = entry->state == PLAN_CONDEMNED;
		package->has_no_former = package->condemned && !*entry->former && !*package->previous_version;
	}
}

/* A damaged plan is the guard's and the agent's to set aside; here it is an empty one. */
static int read_plan(struct terminal *terminal, struct status *status, struct error *err)
{
	AUTO(free) struct plan *plan = calloc(1, sizeof(*plan));

	if (!plan)
		return error_set(err, ERROR_FAILED, "out of memory");
	if (plan_read(terminal->env->fs, terminal->boot_dir_fd, plan, err) < 0) {
		if (err->code != ERROR_DAMAGED)
			return -1;
		*err = (struct error){0};
		return 0;
	}
	for (int i = 0; i < plan->count; i++)
		take_entry(status, &plan->entries[i]);
	return 0;
}

/* ---- Store and catalog. ---- */

static void keep_window(struct status *status, const struct contact_row *row)
{
	struct status_window *window;

	if (status->windows.count == STATUS_WINDOWS_MOST)
		memmove(status->windows.items, status->windows.items + 1,
			--status->windows.count * sizeof(*status->windows.items));
	window = &status->windows.items[status->windows.count++];
	*window = (struct status_window){.opens_s = row->opens_s, .attempts = row->attempts, .is_woken = row->woken != 0};
	text_assign(window->date, row->date);
	text_assign(window->outcome, row->outcome);
}

/* A check or the button may have reached the server since. */
static int take_window(void *context, const struct contact_row *row, struct error *err)
{
	struct status *status = context;
	bool was_off = strcmp(row->outcome, CONTACT_OFF) == 0;

	(void)err;
	if (!*row->outcome)
		return 0;
	keep_window(status, row);
	if (strcmp(row->outcome, CONTACT_MADE) == 0 || row->opens_s < status->last_contact.contact_s)
		status->windows.without_contact = status->windows.off = 0;
	else if (was_off)
		status->windows.off++;
	else if (strcmp(row->outcome, CONTACT_DISABLED) != 0) {
		status->windows.without_contact++;
		status->windows.off = 0;
	}
	return 0;
}

static int count_altered(void *context, const struct history_row *row, struct error *err)
{
	(void)err;
	*(int *)context += strcmp(row->error, error_code_name(ERROR_ALTERED)) == 0;
	return 0;
}

/* Whether what was refused in OPERATION came altered twice. */
static int read_altered(struct terminal *terminal, const char *operation, const char *package, bool *ret_again, struct error *err)
{
	const struct history_filter refused = {.operation = operation,
		.package = package,
		.outcome = "refused",
		.since_s = terminal_now_s(terminal) - STATUS_ALTERED_S,
		.newest = 2};
	int count = 0;

	if (history_each(terminal->store, &refused, count_altered, &count, err) < 0)
		return -1;
	*ret_again = count > 1;
	return 0;
}

static int read_contact(struct terminal *terminal, struct status *status, struct error *err)
{
	if (last_contact_read(terminal->store, &status->last_contact, err) < 0 ||
		delta_count_missed(terminal->store, &status->deltas_missed, err) < 0 ||
		machine_walls_find(terminal->store, &status->walls, err) < 0)
		return -1;
	if (history_newest(terminal->store, "check", NULL, &status->last_check, &status->has_check, err) < 0)
		return -1;
	if (status->last_check.at_s > status->now_s + AHEAD_S) /* the clock was ahead, and what ended it has no meaning now */
		status->has_check = false;
	if (status_last_check_failed_with(status, ERROR_ALTERED) &&
		read_altered(terminal, "check", NULL, &status->check_came_altered_again, err) < 0)
		return -1;
	return contact_each(terminal->store, status->now_s - WINDOWS_LOOKED_AT_S, take_window, status, err);
}

static int read_report(struct terminal *terminal, struct status *status, struct error *err)
{
	struct sent_report taken;
	bool is_taken;

	if (!*terminal->config->report_url)
		return 0;
	if (sent_report_newest(terminal->store, &status->report.row, &status->report.is_made, err) < 0 ||
		sent_report_taken(terminal->store, &taken, &is_taken, err) < 0)
		return -1;
	status->report.taken_s = is_taken ? taken.sent_s : 0;
	return 0;
}

static int take_receipt(void *context, const struct history_row *row, struct error *err)
{
	struct status *status = context;

	(void)err;
	status->last_receipt = *row;
	status->has_receipt = true;
	return 0;
}

static int read_receipt(struct terminal *terminal, struct status *status, struct error *err)
{
	const struct history_filter receipts = {.operation = "receipt", .newest = 1};

	return history_each(terminal->store, &receipts, take_receipt, status, err);
}

static const struct status_package *find_package(const struct status *status, const char *name)
{
	for (size_t i = 0; i < status->count; i++)
		if (strcmp(status->packages[i].name, name) == 0)
			return &status->packages[i];
	return NULL;
}

/* What a service asks of packages that this terminal does not run does not concern it. */
static void judge_service(
	const struct status *status, const struct catalog_service *named, struct status_service *ret_service)
{
	*ret_service = (struct status_service){0};
	(void)snprintf(ret_service->name, sizeof(ret_service->name), "%s", named->name);
	(void)snprintf(ret_service->title, sizeof(ret_service->title), "%s", named->title);
	for (size_t i = 0; i < named->requirements_count && !*ret_service->package; i++) {
		const struct catalog_requirement *needed = &named->requirements[i];
		const struct status_package *package = find_package(status, needed->package);

		if (!package || version_compare(package->version, needed->version) >= 0)
			continue;
		text_assign(ret_service->package, package->name);
		text_assign(ret_service->here, package->version);
		(void)snprintf(ret_service->needed, sizeof(ret_service->needed), "%s", needed->version);
	}
}

static void read_services(const struct catalog *catalog, struct status *status)
{
	if (!catalog->services_count ||
		!(status->catalog.services = calloc(catalog->services_count, sizeof(*status->catalog.services))))
		return;
	for (size_t i = 0; i < catalog->services_count; i++)
		judge_service(
			status, &catalog->services[i], &status->catalog.services[status->catalog.services_count++]);
}

static int read_catalog(
	struct terminal *terminal, struct catalog *catalog, struct status *status, struct error *err)
{
	AUTO(candidates) struct candidates candidates = {0};

	if (!catalog)
		return 0;
	if (candidates_find(terminal, catalog, &candidates, err) < 0)
		return -1;
	candidates_name(&candidates, catalog);
	status->catalog.is_kept = true;
	status->catalog.longest_disable_days = catalog->longest_disable_days;
	read_services(catalog, status);
	for (size_t i = 0; i < status->count; i++) {
		const struct catalog_package *named = catalog_find(catalog, status->packages[i].name);

		if (named)
			(void)snprintf(status->packages[i].newest, sizeof(status->packages[i].newest), "%s", named->version);
	}
	return status_turn_read(terminal, catalog, &candidates, status, err);
}

static void keep_gate(const struct explanation *explanation, struct status_package *package)
{
	package->gate = explanation->decides;
	if (package->gate == EXPLAIN_GATES)
		return;
	text_assign(package->gate_code, explanation->gates[package->gate].code);
	text_assign(package->gate_detail, explanation->gates[package->gate].detail);
}

/* Which gate keeps each package from its newest release. */
static int ask_gates(
	struct terminal *terminal, const struct catalog *catalog, struct status *status, struct error *err)
{
	AUTO(free) struct explanation *explanation = calloc(1, sizeof(*explanation));
	struct explain_facts facts;

	if (!explanation)
		return error_set(err, ERROR_FAILED, "out of memory");
	if (explain_collect(terminal, status, catalog, 0, &facts, err) < 0)
		return -1;
	for (size_t i = 0; i < status->count; i++) {
		if (explain_package(&facts, &status->packages[i], explanation, err) < 0)
			return -1;
		keep_gate(explanation, &status->packages[i]);
		if (status->packages[i].gate == EXPLAIN_REQUIRES &&
			status_turn_read_needs(terminal, status, &status->packages[i], err) < 0)
			return -1;
	}
	return 0;
}

/* Is the newest delivery, which is over, of the release of DIGEST, and no newer one offered? */
static bool is_last_of(const struct status_package *package, const char *digest)
{
	return *digest && package->has_delivery && delivery_is_over(package->delivery.state) &&
	       strncmp(digest, package->delivery.digest, FOLDER_DIGITS) == 0 &&
	       (!*package->newest || strcmp(package->newest, package->delivery.version) == 0);
}

/* A person asked for what became of its newest delivery, or took that back; what failed by itself since is told again. */
static int read_wish(struct terminal *terminal, struct status_package *package, struct error *err)
{
	char wish[SHA256_HEX_SIZE], lifted[SHA256_HEX_SIZE];
	struct quarantine_row row;
	bool failed = false;

	if (quarantine_wish(terminal->store, package->name, wish, err) < 0 ||
		quarantine_lifted(terminal->store, package->name, lifted, err) < 0)
		return -1;
	if (is_last_of(package, lifted) &&
		quarantine_find(terminal->store, package->name, package->delivery.digest, &row, &failed, err) < 0)
		return -1;
	package->is_wanted_back = is_last_of(package, wish);
	package->is_let_come = is_last_of(package, lifted) && !package->is_wanted_back && !failed;
	return 0;
}

/* What became of its newest delivery, once it is known what is the newest. */
static int read_end(struct terminal *terminal, struct status_package *package, struct error *err)
{
	if (status_package_came_altered(package) &&
		read_altered(terminal, "reject", package->name, &package->came_altered_again, err) < 0)
		return -1;
	return read_wish(terminal, package, err);
}

static int read_package(
	struct terminal *terminal, struct status *status, struct status_package *package, struct error *err)
{
	read_disk(terminal, &status->machine, package);
	if (pause_find(terminal->store, package->name, status->now_s, &package->hold, &package->is_held, err) < 0 ||
		delivery_latest(terminal->store, package->name, &package->delivery, &package->has_delivery, err) <
			0 ||
		soundness_find(terminal->store, package->name, package->folder, &package->soundness, err) < 0)
		return error_context(err, "%s", package->name);
	return 0;
}

/* Once the plan is known. */
static int read_notes(struct terminal *terminal, struct status *status, struct error *err)
{
	for (size_t i = 0; i < status->count; i++) {
		struct status_package *package = &status->packages[i];
		const char *folder = *package->staged_folder ? package->staged_folder : package->folder;

		if (headline_find(terminal->store, package->name, folder, &package->notes, err) < 0)
			return -1;
	}
	return 0;
}

static int read_next_window(struct terminal *terminal, struct status *status, struct error *err)
{
	struct schedule_answer window;

	if (windows_ask(terminal, &window, err) < 0)
		return -1;
	status->windows.next_opens_s = window.opens_s == SCHEDULE_NEVER ? 0 : window.opens_s;
	status->windows.next_closes_s = window.closes_s == SCHEDULE_NEVER ? 0 : window.closes_s;
	return 0;
}

static void look_at_machine(struct terminal *terminal, struct status *status)
{
	const struct machine_question question = {
		.fs = terminal->env->fs, .config = terminal->config, .has_agent = true};

	machine_look(&question, &status->machine);
}

/* All but the judgement. */
static int collect(struct terminal *terminal, struct status *status, struct error *err)
{
	AUTO(catalog) struct catalog *catalog = NULL;
	struct error none_yet = {0};

	look_at_machine(terminal, status);
	if (distribution_kept_catalog(terminal, &catalog, &none_yet) < 0)
		catalog = NULL;
	for (size_t i = 0; i < status->count; i++)
		if (read_package(terminal, status, &status->packages[i], err) < 0)
			return -1;
	if (read_catalog(terminal, catalog, status, err) < 0)
		return -1;
	for (size_t i = 0; i < status->count; i++)
		if (read_end(terminal, &status->packages[i], err) < 0)
			return -1;
	if (machine_clock_look(terminal->store, terminal->env->clock, status->time_floor_s, &status->clock, err) < 0 ||
		read_plan(terminal, status, err) < 0 || read_notes(terminal, status, err) < 0 ||
		read_contact(terminal, status, err) < 0 || read_report(terminal, status, err) < 0 ||
		read_receipt(terminal, status, err) < 0 || identity_find(terminal->store, &status->identity, err) < 0 ||
		read_next_window(terminal, status, err) < 0 ||
		disabled_find(terminal, NULL, &status->disabled, &status->is_disabled, err) < 0)
		return -1;
	return ask_gates(terminal, catalog, status, err);
}

int status_collect(struct terminal *terminal, struct status *ret_status, struct error *err)
{
	const struct config_list *names = &terminal->config->packages;
	AUTO(status)
	struct status status = {
		.now_s = terminal_now_s(terminal),
		.store_set_aside = terminal->store_set_aside,
		.time_floor_s = time_floor_load(terminal->env->fs, terminal->metadata_dir_fd),
		.count = names->count,
	};

	if (!(status.packages = calloc(names->count + 1, sizeof(*status.packages))))
		return error_set(err, ERROR_FAILED, "out of memory");
	for (size_t i = 0; i < names->count; i++)
		(void)snprintf(status.packages[i].name, sizeof(status.packages[i].name), "%s", names->items[i]);
	(void)installed_agent_is_newer(terminal->env->fs, terminal->config, status.installed_newer);
	if (collect(terminal, &status, err) < 0 || status_judge(&status, err) < 0)
		return error_context(err, "status");
	*ret_status = status;
	status = (struct status){0};
	return 0;
}
