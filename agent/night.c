#include "agent/night.h"

#include <string.h>

#include "agent/chapter.h"
#include "agent/delivery.h"
#include "agent/findings.h"
#include "agent/history.h"
#include "agent/pace.h"
#include "agent/report.h"
#include "agent/wanted.h"
#include "rollback/plan.h"
#include "rollback/versions.h"
#include "updater/stage.h"

struct night {
	struct terminal *terminal;
	const struct night_options *options;
	struct job_report *report;
	struct job_result *result;
	struct distribution distribution;
	struct wanted_list wanted;
	struct pace pace;
	struct stage_progress stage; /* of the package at work, as staging told it last */
	uint64_t stage_bytes;	     /* that had come in this job by then */
};

static void night_release(struct night *night)
{
	wanted_release(&night->wanted);
	distribution_close(&night->distribution);
}
DEFINE_AUTO(night, struct night, night_release);

/* ---- How far it is ---- */

static void report_fetching(struct night *night)
{
	const struct clock *clock = night->terminal->env->clock;
	uint64_t came = night->distribution.traffic->bytes;
	struct job_progress progress = {
		.bytes = night->stage.wire_bytes + came - night->stage_bytes,
		.total = night->stage.wire_total,
		.saved = night->stage.saved_bytes,
		.saved_by_delta = night->stage.saved_by_delta,
		.saved_by_resume = night->stage.saved_by_resume,
	};

	if (progress.bytes > progress.total)
		progress.bytes = progress.total;
	pace_note(&night->pace, clock->monotonic_ms(clock), came);
	progress.rate = pace_rate(&night->pace);
	progress.left_s = pace_left_s(&night->pace, progress.total - progress.bytes);
	job_report_progress(night->report, "fetching", &progress);
}

/* Bytes have come; which package they are for is known once the first is at work. */
static void note_arrival(void *context)
{
	struct night *night = context;

	if (night->stage.wire_total)
		report_fetching(night);
}

/* ---- The server: trust, catalog, what is wanted ---- */

static int note_check(struct night *night, const struct error *why, struct error *err)
{
	struct history_entry entry = {.operation = night->options->by_hand ? "install" : "check", .outcome = "done"};
	char detail[STORE_TEXT_SIZE];

	if (why) {
		entry.outcome = why->code == ERROR_REFUSED || why->code == ERROR_ALTERED ? "refused" : "failed";
		entry.error = why->code;
		entry.detail = why->text;
	} else {
		(void)snprintf(detail, sizeof(detail),
			"root %lld, timestamp %lld, snapshot %lld, catalog of %zu packages",
			(long long)tuf_client_version(night->distribution.trust, "root", NULL),
			(long long)tuf_client_version(night->distribution.trust, "timestamp", NULL),
			(long long)tuf_client_version(night->distribution.trust, "snapshot", NULL),
			night->distribution.catalog->packages_count);
		entry.detail = detail;
	}
	return history_add(night->terminal->store, &entry, err);
}

/* The client certificate must be renewed in time: 90, 30 and 7 days ahead, every night from then on. */
static void warn_of_certificate(const struct night *night)
{
	const struct certificate *certificate = &night->distribution.certificate;
	const struct env *env = night->terminal->env;

	if (certificate->expires_s && certificate_warning_days(certificate->expires_s, env->clock->now_s(env->clock)))
		log_line(env->log, LOG_LEVEL_WARNING,
			"the client certificate '%s' expires in %lld days; have it renewed", certificate->name,
			(long long)((certificate->expires_s - env->clock->now_s(env->clock)) / 86400));
}

/* What could not be recorded counts more than WHY; returns -1. */
static int note_failed_check(struct night *night, const struct error *why, struct error *err)
{
	if (!night->options->by_hand && findings_note_failure(night->terminal->store, why, err) < 0)
		return -1;
	if (note_check(night, why, err) < 0)
		return -1;
	*err = *why;
	return -1;
}

/* Which client certificate is shown from now on, and whose. */
static int note_certificate(struct night *night, struct error *err)
{
	if (findings_note_certificate(&night->distribution, err) < 0)
		return -1;
	return chapter_note(night->terminal, &night->distribution.certificate, err);
}

static int refresh_trust(struct night *night, struct error *err)
{
	struct distribution_options options = {
		.stop_fd = night->options->stop_fd,
		.opens_s = night->options->opens_s,
		.closes_s = night->options->closes_s,
		.arrived = note_arrival,
		.context = night,
	};
	struct error why = {0};

	job_report_progress(night->report, "checking", NULL);
	if (distribution_open(night->terminal, &options, &night->distribution, &why) < 0 ||
		(!night->options->by_hand && note_certificate(night, &why) < 0) ||
		distribution_refresh(&night->distribution, &why) < 0)
		return note_failed_check(night, &why, err);
	if (!night->options->by_hand) {
		night->result->contact = true;
		warn_of_certificate(night);
	}
	if (findings_note_catalog(&night->distribution, !night->options->by_hand, err) < 0)
		return -1;
	return note_check(night, NULL, err);
}

static int choose(struct night *night, struct error *err)
{
	if (wanted_choose(&night->distribution, night->options->any_hour, &night->wanted, err) < 0 ||
		findings_note_choices(&night->distribution, &night->wanted, err) < 0)
		return -1;
	for (size_t i = 0; i < night->wanted.count; i++)
		night->report->packages += night->wanted.items[i].gate == WANTED_DELIVER;
	return 0;
}

/* ---- One package ---- */

static int window_is_over(const struct night *night, struct error *err)
{
	const struct clock *clock = night->terminal->env->clock;

	if (night->options->closes_s && clock->now_s(clock) >= night->options->closes_s)
		return error_set(err, ERROR_STOPPED, "the window has ended; it goes on next night");
	return 0;
}

static int take_progress(void *context, const struct stage_progress *progress, struct error *err)
{
	struct night *night = context;

	night->stage = *progress;
	night->stage_bytes = night->distribution.traffic->bytes;
	report_fetching(night);
	return window_is_over(night, err);
}

static int stage_wanted(
	struct night *night, const struct wanted *wanted, struct stage_progress *ret_progress, struct error *err)
{
	AUTO(versions) struct versions *versions = NULL;
	AUTO(free) char *delta_url = NULL;
	struct stage_request request = {
		.release = wanted->offer.release,
		.release_json = buf_text(&wanted->offer.json),
		.release_json_len = wanted->offer.json.len,
		.folder = wanted->offer.folder,
		.cache_dir_fd = night->terminal->cache_dir_fd,
		.current_folder = *wanted->current ? wanted->current : NULL,
		.payload_url = wanted->offer.payload_url,
		.reserve_bytes = night->terminal->config->reserve_space,
		.progress = take_progress,
		.context = night,
	};

	if (window_is_over(night, err) < 0 ||
		versions_open(night->terminal->env->fs, night->terminal->packages_dir_fd, wanted->package, &versions,
			err) < 0)
		return -1;
	request.versions_dir_fd = versions_dir_fd(versions);
	if (*wanted->current &&
		distribution_delta(&night->distribution, wanted->offer.release, wanted->current_version, &delta_url,
			&request.delta_length, &request.delta_sha256, err) < 0)
		return -1;
	request.delta_url = delta_url;
	return stage_release(&night->distribution.env, &request, ret_progress, err);
}

/* From whoever has what was signed: bytes that were altered on their way are asked for elsewhere. */
static int stage_from_anywhere(
	struct night *night, const struct wanted *wanted, struct stage_progress *ret_progress, struct error *err)
{
	uint64_t wire_bytes = 0;
	int result;

	while ((result = stage_wanted(night, wanted, ret_progress, err)) < 0 && err->code == ERROR_ALTERED &&
		distribution_pass_over(&night->distribution, err))
		wire_bytes += ret_progress->wire_bytes;
	ret_progress->wire_bytes += wire_bytes;
	return result;
}

/* What an attempt that failed means for the next one. */
static int note_failure(struct night *night, const struct wanted *wanted, struct delivery *delivery,
	int64_t wire_bytes, const struct error *why, struct error *err)
{
	struct store *store = night->terminal->store;

	if (why->code == ERROR_REFUSED || why->code == ERROR_ALTERED)
		return delivery_reject(store, delivery, why, err);
	if ((why->code == ERROR_SERVER || why->code == ERROR_NOT_FOUND) &&
		distribution_postpone(&night->distribution, wanted->package, wanted->digest, why, err) < 0)
		return -1;
	return delivery_interrupted(store, delivery, wire_bytes, why, err);
}

static int join_arguments(const char *name, const struct release_check *check,
	char ret_text[static PLAN_COMMAND_SIZE], struct error *err)
{
	size_t len = 0;

	ret_text[0] = '\0';
	for (int i = 0; i < RELEASE_MAX_ARGUMENTS && check->argv[i]; i++) {
		size_t more = strlen(check->argv[i]) + (i > 0);

		if (strchr(check->argv[i], ' ') || len + more >= PLAN_COMMAND_SIZE)
			return error_set(err, ERROR_REFUSED,
				"%s '%.80s': the guard takes %d bytes and no blank in an argument", name,
				check->argv[0], PLAN_COMMAND_SIZE - 1);
		(void)snprintf(ret_text + len, PLAN_COMMAND_SIZE - len, "%s%s", i > 0 ? " " : "", check->argv[i]);
		len += more;
	}
	return 0;
}

/* The programs that the guard is to run, as the plan holds them. */
static int write_programs(const struct release *release, struct plan_entry *ret_entry, struct error *err)
{
	ret_entry->self_test_timeout_s = (int)release->self_test.timeout_s;
	ret_entry->migrate_timeout_s = (int)release->migrate.timeout_s;
	if (join_arguments("self-test", &release->self_test, ret_entry->self_test, err) < 0)
		return -1;
	return join_arguments("migration", &release->migrate, ret_entry->migrate, err);
}

/* Brings one package's release into place beside the current one. The delivery stays FETCHING until its whole group
 * is there: only then the plan may name it. */
static int deliver(struct night *night, struct wanted *wanted, struct error *err)
{
	struct store *store = night->terminal->store;
	struct stage_progress progress = {0};
	struct plan_entry ignored;
	struct delivery delivery;
	struct error why = {0};

	night->stage = (struct stage_progress){0};
	night->report->number++;
	night->report->package = wanted->package;
	night->report->version = wanted->version;
	if (delivery_plan(store, wanted->package, wanted->version, wanted->offer.digest, wanted->campaign, &delivery,
		    err) < 0 ||
		delivery_begin(store, &delivery, (int64_t)wanted->offer.release->payload_length, err) < 0)
		return -1;
	/* What the guard cannot take is not worth a byte. */
	if (write_programs(wanted->offer.release, &ignored, &why) == 0 &&
		stage_from_anywhere(night, wanted, &progress, &why) == 0) {
		wanted->complete = true;
		wanted->progress = progress;
		return 0;
	}
	if (note_failure(night, wanted, &delivery, (int64_t)progress.wire_bytes, &why, err) < 0)
		return -1;
	*err = why;
	return -1;
}

/* ---- The plan for the guard ---- */

static bool group_is_complete(const struct wanted_list *list, int group)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].group == group && list->items[i].gate == WANTED_DELIVER &&
			!list->items[i].complete)
			return false;
	return true;
}

static int make_entry(
	const struct night *night, const struct wanted *wanted, struct plan_entry *ret_entry, struct error *err)
{
	*ret_entry = (struct plan_entry){
		.priority = wanted->priority,
		.group = wanted->group,
		.state = PLAN_STAGED,
		.starts_max = (int)night->terminal->config->starts_max,
	};
	(void)snprintf(ret_entry->package, sizeof(ret_entry->package), "%s", wanted->package);
	(void)snprintf(ret_entry->folder, sizeof(ret_entry->folder), "%s", wanted->offer.folder);
	(void)snprintf(ret_entry->former, sizeof(ret_entry->former), "%s", wanted->current);
	return write_programs(wanted->offer.release, ret_entry, err);
}

/* Leaves the guard a group that is complete: one change of the plan for all its members. */
static int plan_group(struct night *night, int group, struct error *err)
{
	const struct env *env = night->terminal->env;
	AUTO(free) struct plan *plan = calloc(1, sizeof(*plan));
	AUTO(fd) int lock_fd = -1;

	if (!plan)
		return error_set(err, ERROR_FAILED, "no memory for the plan");
	if ((lock_fd = plan_lock(env->fs, night->terminal->boot_dir_fd, err)) < 0 ||
		plan_read(env->fs, night->terminal->boot_dir_fd, plan, err) < 0)
		return -1;
	for (size_t i = 0; i < night->wanted.count; i++) {
		const struct wanted *wanted = &night->wanted.items[i];
		struct plan_entry entry;

		if (wanted->group == group && wanted->complete &&
			(make_entry(night, wanted, &entry, err) < 0 || plan_put(plan, &entry, err) < 0))
			return error_context(err, "%s %s", wanted->package, wanted->version);
	}
	plan->per_restart = night->terminal->config->per_restart == CONFIG_PER_RESTART_ONE ? 1 : 0;
	if (env->clock->boot_id(env->clock, plan->boot_id, err) < 0)
		return -1;
	return plan_write(env->fs, night->terminal->boot_dir_fd, plan, err);
}

static int record_staged(struct night *night, int group, struct error *err)
{
	for (size_t i = 0; i < night->wanted.count; i++) {
		const struct wanted *wanted = &night->wanted.items[i];
		const struct stage_progress *progress = &wanted->progress;
		struct job_progress told = {
			.bytes = progress->wire_bytes,
			.total = progress->wire_bytes,
			.saved = progress->saved_bytes,
			.saved_by_delta = progress->saved_by_delta,
			.saved_by_resume = progress->saved_by_resume,
			.left_s = -1,
		};
		struct delivery delivery;

		if (wanted->group != group || !wanted->complete)
			continue;
		if (delivery_plan(night->terminal->store, wanted->package, wanted->version, wanted->offer.digest,
			    wanted->campaign, &delivery, err) < 0 ||
			delivery_staged(night->terminal->store, &delivery, (int64_t)progress->wire_bytes, err) < 0)
			return error_context(err, "%s %s", wanted->package, wanted->version);
		night->result->staged++;
		night->report->package = wanted->package;
		night->report->version = wanted->version;
		job_report_progress(night->report, "staged", &told);
	}
	return 0;
}

/* Once the last of a group is there, the guard is told, then the store: a cut in between leaves a plan that the next
 * start brings the store in line with. */
static int settle_group(struct night *night, const struct wanted *wanted, struct error *err)
{
	if (!group_is_complete(&night->wanted, wanted->group))
		return 0;
	if (plan_group(night, wanted->group, err) < 0)
		return -1;
	return record_staged(night, wanted->group, err);
}

/* ---- The night ---- */

/* How much an error says about the rest of the night: after some there is no point in going on, after others another
 * attempt at the same package may help; the rest is settled until something changes. */
static int weight(enum error_code code)
{
	switch (code) {
	case ERROR_STOPPED:
	case ERROR_NETWORK:
	case ERROR_CERTIFICATE:
	case ERROR_DAMAGED:
	case ERROR_BUSY:
		return 3;
	case ERROR_ALTERED:
	case ERROR_FAILED:
		return 2;
	case ERROR_NONE:
		return 0;
	default:
		return 1;
	}
}

static bool ends_the_night(enum error_code code)
{
	return weight(code) == 3;
}

static void keep_weightier(const struct error *why, struct error *decisive)
{
	if (weight(why->code) > weight(decisive->code))
		*decisive = *why;
}

static void count_left(struct night *night)
{
	for (size_t i = 0; i < night->wanted.count; i++) {
		enum wanted_gate gate = night->wanted.items[i].gate;

		night->result->available += (gate == WANTED_DELIVER && !night->wanted.items[i].complete) ||
					    gate == WANTED_REQUIRES || gate == WANTED_UNAVAILABLE ||
					    gate == WANTED_POSTPONED || gate == WANTED_NO_CAMPAIGN;
	}
}

static int deliver_all(struct night *night, struct error *err)
{
	struct error decisive = {0};

	for (size_t i = 0; i < night->wanted.count && !ends_the_night(decisive.code); i++) {
		struct wanted *wanted = &night->wanted.items[i];
		struct error why = {0};

		if (wanted->gate == WANTED_UNAVAILABLE)
			keep_weightier(&wanted->why, &decisive);
		if (wanted->gate == WANTED_DELIVER &&
			(deliver(night, wanted, &why) < 0 || settle_group(night, wanted, &why) < 0))
			keep_weightier(&why, &decisive);
	}
	count_left(night);
	if (!decisive.code)
		return 0;
	*err = decisive;
	return -1;
}

/* root, timestamp, snapshot, targets; then the catalog; then what is newer, allowed, with its requirements met and not
 * in quarantine; then one package at a time: frame by frame, verified, beside the current release. */
static int run(struct night *night, struct error *err)
{
	if (refresh_trust(night, err) < 0 || choose(night, err) < 0)
		return -1;
	if (!night->options->check_only)
		return deliver_all(night, err);
	for (size_t i = 0; i < night->wanted.count; i++)
		night->result->available += night->wanted.items[i].gate == WANTED_DELIVER;
	return 0;
}

/* What this job took of the window's budget counts for the next one. */
static int keep_spent(const struct night *night, struct error *err)
{
	const struct traffic *traffic = night->distribution.traffic;

	if (!traffic || !night->options->opens_s)
		return 0;
	return traffic_keep_spent(night->terminal->store, night->options->opens_s, &traffic->spent, err);
}

int night_run(struct terminal *terminal, const struct night_options *options, struct job_report *report,
	struct job_result *ret_result, struct error *err)
{
	AUTO(night)
	struct night night = {
		.terminal = terminal,
		.options = options,
		.report = report,
		.result = ret_result,
	};

	struct error failed = {0};
	int ret = run(&night, err);

	if (ret_result->contact && window_is_over(&night, &failed) == 0)
		report_send(&night.distribution);
	if (keep_spent(&night, &failed) < 0 && ret == 0) {
		*err = failed;
		ret = -1;
	}
	return ret;
}
