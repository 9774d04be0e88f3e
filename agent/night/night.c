#include "agent/night/night.h"

#include "agent/choice/kept_choice.h"
#include "agent/choice/wanted_choose.h"
#include "agent/machine/machine.h"
#include "agent/machine/machine_walls.h"
#include "agent/night/enrolment.h"
#include "agent/night/night_contact.h"
#include "agent/night/night_package.h"
#include "agent/night/night_plan.h"
#include "agent/night/report_send.h"
#include "agent/restart/rollout_heed.h"
#include "agent/sound/sound_night.h"

static void night_clear(struct night *night)
{
	wanted_clear(&night->wanted);
	candidates_clear(&night->candidates);
	distribution_close(&night->distribution);
}
DEFINE_AUTO(night, struct night, night_clear);

/* Stops and recalls are heeded before anything else is brought; then the catalog names what is for this terminal. */
static int judge_candidates(struct night *night, struct error *err)
{
	struct catalog *catalog = night->distribution.catalog;
	bool changed;

	if (candidates_find(night->terminal, catalog, &night->candidates, err) < 0 ||
		rollout_heed(night->terminal, &night->candidates, &changed, err) < 0)
		return -1;
	if (changed) {
		candidates_clear(&night->candidates);
		if (candidates_find(night->terminal, catalog, &night->candidates, err) < 0)
			return -1;
	}
	candidates_name(&night->candidates, catalog);
	for (size_t i = 0; i < night->candidates.count; i++) {
		night->result->not_its_turn += candidate_is_awaited(&night->candidates.items[i]);
		night->result->held += night->candidates.items[i].decision.gate == ROLLOUT_GATE_HELD;
	}
	return 0;
}

static int choose(struct night *night, struct error *err)
{
	if (judge_candidates(night, err) < 0 ||
		wanted_choose(&night->distribution, &night->candidates, night->options->any_hour, &night->wanted, err) <
			0 ||
		kept_choice_note_all(&night->distribution, &night->wanted, err) < 0)
		return -1;
	for (size_t i = 0; i < night->wanted.count; i++) {
		night->lines->packages += night->wanted.items[i].outcome == WANTED_DELIVER;
		night->result->not_its_turn += night->wanted.items[i].outcome == WANTED_NOT_YET;
	}
	return 0;
}

/* ---- One package after the other ---- */

/* How much an error says about the rest of the night: after some there is no point in going on, after others another
 * attempt at the same package may help; the rest is settled until something changes. What answers in place of one file, fails at
 * it, or has expired of one vendor's must not keep the other packages out. */
static int weight(enum error_code code)
{
	switch (code) {
	case ERROR_STOPPED:
	case ERROR_NETWORK:
	case ERROR_CERTIFICATE:
	case ERROR_DAMAGED:
	case ERROR_BUSY:
		return 3;
	case ERROR_STRANGER:
	case ERROR_EXPIRED:
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
		const struct wanted *wanted = &night->wanted.items[i];

		night->result->available += wanted_outcome_has_come(wanted->outcome) &&
					    !(wanted->outcome == WANTED_DELIVER && wanted->complete);
	}
}

/* Where the machine does not let a release be brought, none is begun with. */
static int ask_machine(const struct night *night, struct error *err)
{
	const struct machine_question question = {
		.fs = night->terminal->env->fs, .config = night->terminal->config, .has_agent = true};
	const struct machine_fault *fault;
	struct machine machine;

	if (!night->lines->packages)
		return 0;
	machine_look(&question, &machine);
	if (!(fault = machine_stops_delivery(&machine)))
		return 0;
	return error_set(err,
		fault->kind == MACHINE_DISK_FULL || fault->kind == MACHINE_DISK_FILES ? ERROR_NO_SPACE : ERROR_MACHINE,
		"%s", fault->detail);
}

static int deliver_all(struct night *night, struct error *err)
{
	struct error decisive = {0};

	if (ask_machine(night, err) < 0) {
		count_left(night);
		return -1;
	}
	for (size_t i = 0; i < night->wanted.count && !ends_the_night(decisive.code); i++) {
		struct wanted *wanted = &night->wanted.items[i];
		struct error why = {0};

		if (wanted->outcome == WANTED_UNAVAILABLE)
			keep_weightier(&wanted->why, &decisive);
		if (wanted->outcome == WANTED_DELIVER &&
			(night_deliver(night, wanted, &why) < 0 || night_settle_group(night, wanted, &why) < 0))
			keep_weightier(&why, &decisive);
	}
	count_left(night);
	if (!decisive.code)
		return 0;
	*err = decisive;
	return -1;
}

/* ---- The whole ---- */

/* What is installed, and what stands around its checks. Nothing that is found there keeps anything from being brought. */
static void look_after(const struct night *night)
{
	const struct terminal *terminal = night->terminal;
	const struct machine_walls_place walls = {.env = terminal->env,
		.config = terminal->config,
		.packages_dir_fd = terminal->packages_dir_fd,
		.store = terminal->store};
	struct error why = {0};

	sound_night(night->terminal, night->options->opens_s != 0, night->options->closes_s);
	if (machine_walls_keep_up(&walls, &why) < 0)
		log_line(terminal->env->log, LOG_LEVEL_WARNING, "looking at the walls around checks: %s, ignored", why.text);
}

/* root, timestamp, snapshot, targets; then the catalog; then what is newer, allowed, with its requirements met and not
 * in quarantine; then one package at a time: frame by frame, verified, beside the current release. */
static int run(struct night *night, struct error *err)
{
	if (!night->options->check_only)
		look_after(night);
	if (night_refresh_trust(night, err) < 0 || choose(night, err) < 0)
		return -1;
	if (!night->options->check_only)
		return deliver_all(night, err);
	for (size_t i = 0; i < night->wanted.count; i++)
		night->result->available +=
			night->wanted.items[i].outcome == WANTED_DELIVER && !night->wanted.items[i].repairs;
	return 0;
}

/* What this job took of the window's budget counts for the next one. */
static int keep_spent(const struct night *night, struct error *err)
{
	const struct traffic *traffic = night->distribution.connection.traffic;

	if (!traffic || !night->options->opens_s)
		return 0;
	return traffic_keep_spent(night->terminal->store, night->options->opens_s, &traffic->spent, err);
}

int night_run(struct terminal *terminal, const struct night_options *options, struct job_lines *lines,
	struct job_result *ret_result, struct error *err)
{
	AUTO(night)
	struct night night = {
		.terminal = terminal,
		.options = options,
		.lines = lines,
		.result = ret_result,
	};

	struct error failed = {0};
	int ret = run(&night, err);

	if (ret_result->contact && night_window_is_over(&night, &failed) == 0)
		ret_result->owes_report = !report_send(terminal, night.distribution.connection.direct) &&
					  night.candidates.count > 0;
	/* Within a window, and behind the report, whose sender is known by the certificate that this connection shows. */
	if (ret_result->contact && options->opens_s)
		enrolment_renew(terminal, &night.distribution.connection);
	if (keep_spent(&night, &failed) < 0 && ret == 0) {
		*err = failed;
		ret = -1;
	}
	return ret;
}
