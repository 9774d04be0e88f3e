#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "agent/config/config.h"
#include "common/words/status_reasons.h"
#include "common/auto.h"
#include "common/platform.h"
#include "tools/repo/commands/commands.h"
#include "tools/repo/workbench/bench_trial.h"

#define STARTS_USUAL 3
#define START_DELAY_USUAL_S 60
#define OTHERS_MOST 16

static const struct args_option options[] = {
	{"from", "FORMER.json", "the release that the terminal runs; without it, none: a first installation"},
	{"with", "OTHER.json", "a release of another package that the terminal runs; may be repeated"},
	{"data", "DIR", "what the package keeps in data/; a copy is used"},
	{"application", "\"COMMAND ...\"",
		"what the terminal's service manager starts, its path in the release; it is at work while its health is asked for"},
	{"as", "FILE", "the terminal's own haishin.conf, with the conf.d beside it; default: usual settings"},
	{"work", "DIR", "where a terminal's folders are put meanwhile; default: beside the release"},
	OPTION_JSON,
	OPTIONS_END,
};

/* All that stands on the bench. */
struct set_up {
	struct tool *tool;
	struct config config; /* where --as names one */
	bool has_config;
	struct bench_settings settings;
	char *application_words; /* that application[] is cut from */
	const char *application[RELEASE_MAX_ARGUMENTS + 1];
	struct bench bench;
	struct release_files to, from, others[OTHERS_MOST];
	size_t others_count;
	struct bench_release release, former;
	json_t *warnings;
};

static void set_up_clear(struct set_up *set)
{
	bench_clear(&set->bench);
	release_files_clear(&set->to);
	release_files_clear(&set->from);
	for (size_t i = 0; i < set->others_count; i++)
		release_files_clear(&set->others[i]);
	if (set->has_config)
		config_clear(&set->config);
	json_decref(set->warnings);
	free(set->application_words);
}
DEFINE_AUTO(set_up, struct set_up, set_up_clear);

static bool is_update(const struct set_up *set)
{
	return set->from.release != NULL;
}

static void PRINTF_LIKE(2, 3) warn(struct set_up *set, const char *fmt, ...)
{
	char text[512];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	log_line(set->tool->log, LOG_LEVEL_WARNING, "%s", text);
	if (json_array_append_new(set->warnings, json_string(text)) < 0)
		log_line(set->tool->log, LOG_LEVEL_WARNING, "no memory to keep that warning, ignored");
}

/* ---- The terminal's settings ---- */

static int read_settings(struct set_up *set, struct error *err)
{
	const char *file = args_get(set->tool->args, "as");
	const char *user = "haishin-check";

	set->settings = (struct bench_settings){
		.network_packages = "", .starts_max = STARTS_USUAL, .start_delay_s = START_DELAY_USUAL_S};
	if (file) {
		if (config_load(set->tool->fs, file, NULL, &set->config, err) < 0)
			return error_context(err, "--as");
		set->has_config = true;
		set->settings.network_packages = set->config.network_packages;
		set->settings.reserve_bytes = set->config.reserve_space;
		set->settings.starts_max = (int)set->config.starts_max;
		set->settings.start_delay_s = set->config.start_delay_s;
		user = set->config.self_test_user;
	}
	set->settings.user = platform_user_exists(user) ? user : "nobody";
	return 0;
}

static bool has_file(const struct release *release, const char *path)
{
	for (size_t i = 0; i < release->files_count; i++)
		if (release->files[i].type != RELEASE_FOLDER && strcmp(release->files[i].path, path) == 0)
			return true;
	return false;
}

/* Cut at its blanks, as the commands of a release are. */
static int read_application(struct set_up *set, struct error *err)
{
	const char *text = args_get(set->tool->args, "application");
	char *state = NULL;
	size_t count = 0;

	if (!text)
		return 0;
	if (!(set->application_words = strdup(text)))
		return error_set(err, ERROR_FAILED, "no memory for a command");
	for (char *word = strtok_r(set->application_words, " ", &state); word; word = strtok_r(NULL, " ", &state)) {
		if (count == RELEASE_MAX_ARGUMENTS)
			return error_set(
				err, ERROR_USAGE, "--application has more than %d words", RELEASE_MAX_ARGUMENTS);
		set->application[count++] = word;
	}
	if (count == 0)
		return error_set(err, ERROR_USAGE, "--application is empty");
	if (!has_file(set->to.release, set->application[0]))
		return error_set(err, ERROR_USAGE, "--application: %s %s has no file '%.200s'", set->to.release->package,
			set->to.release->version, set->application[0]);
	set->settings.application = set->application;
	return 0;
}

/* ---- The releases ---- */

static int check_former(const struct set_up *set, struct error *err)
{
	const struct release *to = set->to.release, *from = set->from.release;

	if (strcmp(from->package, to->package) != 0)
		return error_set(err, ERROR_USAGE,
			"--from names a release of %s, not of %s; --with takes those of others", from->package,
			to->package);
	if (version_compare(from->version, to->version) >= 0)
		return error_set(err, ERROR_USAGE, "a terminal that runs %s %s does not take %s: it is not newer",
			from->package, from->version, to->version);
	return 0;
}

static int read_others(struct set_up *set, struct error *err)
{
	const char *path;

	for (size_t i = 0; (path = args_nth(set->tool->args, "with", i)); i++) {
		struct release_files *other = &set->others[i];

		if (i == OTHERS_MOST)
			return error_set(err, ERROR_USAGE, "--with can be given %d times", OTHERS_MOST);
		*other = (struct release_files)RELEASE_FILES_INIT(set->tool->fs);
		set->others_count++;
		if (release_files_read(other, path, err) < 0)
			return -1;
		if (strcmp(other->release->package, set->to.release->package) == 0)
			return error_set(err, ERROR_USAGE,
				"--with names a release of %s itself; --from takes the former one",
				other->release->package);
	}
	return 0;
}

static int read_releases(struct set_up *set, struct error *err)
{
	const char *from = args_get(set->tool->args, "from");

	if (release_files_read(&set->to, args_positional(set->tool->args, 0), err) < 0 ||
		(from && (release_files_read(&set->from, from, err) < 0 || check_former(set, err) < 0)))
		return -1;
	bench_release_init(&set->release, &set->to);
	if (from)
		bench_release_init(&set->former, &set->from);
	return read_others(set, err) < 0 ? -1 : read_application(set, err);
}

/* ---- What keeps terminals from taking it at all ---- */

static bool is_met(const struct set_up *set, const struct release_requirement *wanted)
{
	for (size_t i = 0; i < set->others_count; i++)
		if (strcmp(set->others[i].release->package, wanted->package) == 0 &&
			version_compare(set->others[i].release->version, wanted->version) >= 0)
			return true;
	return false;
}

static void warn_of_gates(struct set_up *set)
{
	const struct release *release = set->to.release;

	for (size_t i = 0; i < release->requires_count; i++)
		if (!is_met(set, &release->requires[i]))
			warn(set, "it requires %s %s: a terminal without it waits; --with tries it beside that one",
				release->requires[i].package, release->requires[i].version);
	if (release->passes_through && is_update(set) &&
		version_compare(set->from.release->version, release->passes_through) < 0)
		warn(set, "a terminal that runs %s takes %s or later first (--passes-through)",
			set->from.release->version, release->passes_through);
	if (set->has_config && !config_runs(&set->config, release->package))
		warn(set, "the terminal of --as does not run %s: its [terminal] packages does not name it",
			release->package);
	if (release->wants_network && !set->has_config)
		warn(set,
			"it asks for the network, which a terminal gives where its [install] network names %s; --as "
			"tries "
			"it so",
			release->package);
	if (!set->settings.application &&
		(release->health.kind == RELEASE_HEALTH_UNIT || release->health.kind == RELEASE_HEALTH_HTTP))
		warn(set, "its health check was not tried: --application names the program that the unit starts, or "
			  "that answers at the URL");
	if (!release->self_test.argv[0] && release->health.kind == RELEASE_HEALTH_NONE)
		warn(set, "it brings neither self-test nor health check: a terminal takes nothing back by itself");
}

/* ---- The answer ---- */

/* What the terminal's status says. */
static const char *said_to_staff(enum bench_verdict verdict)
{
#define STATUS_SENTENCE(enumerator, name, number, meaning, next) [STATUS_##enumerator] = (meaning),
	static const char *const sentences[] = {EACH_STATUS_REASON(STATUS_SENTENCE)};
#undef STATUS_SENTENCE
	static const enum status_reason reasons[] = {[BENCH_CONFIRMED] = STATUS_ALL_CURRENT,
		[BENCH_TAKEN_BACK] = STATUS_ROLLED_BACK,
		[BENCH_REFUSED] = STATUS_REFUSED,
		[BENCH_NO_SPACE] = STATUS_NO_SPACE};

	return sentences[reasons[verdict]];
}

static json_t *steps_json(const struct bench_report *report)
{
	AUTO(json) json_t *steps = json_array();

	for (enum bench_step i = 0; i < BENCH_STEPS; i++)
		if (json_array_append_new(
			    steps, JSON_OBJECT({
					   json_text("step", bench_step_name(i)),
					   json_text("outcome", bench_outcome_name(report->steps[i].outcome)),
					   json_number("ms", report->steps[i].ms),
					   json_text_unless_empty("said", report->steps[i].said),
				   })) < 0)
			return NULL;
	return take_ptr(&steps);
}

static int print_json(const struct set_up *set, const struct bench_report *report, struct error *err)
{
	const struct release *release = set->to.release;
	AUTO(json)
	json_t *json = JSON_OBJECT({
		json_text("package", release->package),
		json_text("version", release->version),
		json_text_if("from", is_update(set) ? set->from.release->version : NULL),
		json_text("verdict", bench_verdict_name(report->verdict)),
		json_text_unless_empty("reason", report->reason),
		json_text("terminal_says", said_to_staff(report->verdict)),
		json_take("steps", steps_json(report)),
		json_number("fetched_bytes", (int64_t)report->bytes.wire_bytes),
		json_number("description_bytes", (int64_t)set->to.json.len),
		json_number("payload_bytes", (int64_t)release->payload_length),
		json_number("saved_by_delta_bytes", (int64_t)report->bytes.saved_by_delta),
		json_flag("in_place", set->bench.is_in_place),
		json_flag("sandboxed", !set->bench.programs.without_walls),
		json_share("warnings", set->warnings),
	});

	return tool_print_json(json, err);
}

static void print_bytes(const struct set_up *set, const struct bench_report *report)
{
	const struct release *release = set->to.release;
	uint64_t all = report->bytes.wire_bytes + set->to.json.len;

	(void)printf("\nA terminal %s%s fetches %" PRIu64 " bytes: %" PRIu64 " of the payload's %" PRIu64
		     "%s, and %zu that describe it.\n",
		is_update(set) ? "that runs " : "without it", is_update(set) ? set->from.release->version : "", all,
		report->bytes.wire_bytes, release->payload_length,
		report->bytes.saved_by_delta ? ", by the delta" : "", set->to.json.len);
	if (set->has_config && set->config.rate > 0)
		(void)printf("At its [network] rate that takes %" PRIu64 " s.\n",
			(all + (uint64_t)set->config.rate - 1) / (uint64_t)set->config.rate);
}

static void print_text(const struct set_up *set, const struct bench_report *report)
{
	const struct release *release = set->to.release;

	(void)printf("%s %s%s%s, as a terminal does it:\n\n", release->package, release->version,
		is_update(set) ? " after " : "", is_update(set) ? set->from.release->version : "");
	for (enum bench_step i = 0; i < BENCH_STEPS; i++) {
		char took[32] = "";

		if (report->steps[i].outcome != BENCH_NOT_TRIED)
			(void)snprintf(took, sizeof(took), "%.2f s", (double)report->steps[i].ms / 1000);
		(void)printf("  %-15s  %-9s  %9s%s%s\n", bench_step_name(i),
			bench_outcome_name(report->steps[i].outcome), took, *report->steps[i].said ? "  " : "",
			report->steps[i].said);
	}
	if (report->steps[BENCH_STAGING].outcome == BENCH_PASSED)
		print_bytes(set, report);
	(void)printf("\nA terminal then says: %s\n", said_to_staff(report->verdict));
}

static int answer(struct set_up *set, const struct bench_report *report, struct error *err)
{
	if (!set->bench.is_in_place)
		warn(set,
			"this machine does not let packages stand at /opt/haishin: programs found them elsewhere "
			"(%s)",
			set->bench.not_in_place.text);
	if (set->bench.programs.without_walls)
		warn(set, "this machine gives no namespaces: programs ran without the walls that a terminal has "
			  "around them");
	if (set->tool->json) {
		if (print_json(set, report, err) < 0)
			return -1;
	} else {
		print_text(set, report);
	}
	if (report->verdict != BENCH_CONFIRMED)
		set->tool->exit_status = error_exit_status(ERROR_REFUSED);
	return 0;
}

/* ---- All of it ---- */

static int open_bench(struct set_up *set, struct error *err)
{
	const struct args *args = set->tool->args;
	const char *work = args_get(args, "work");
	const struct bench_options how = {.clock = set->tool->clock,
		.fs = set->tool->fs,
		.log = set->tool->log,
		.settings = &set->settings,
		.where = work ? work : set->to.beside,
		.data = args_get(args, "data")};

	if (bench_open(&set->bench, &how, err) < 0)
		return -1;
	for (size_t i = 0; i < set->others_count; i++) {
		struct bench_release other;

		bench_release_init(&other, &set->others[i]);
		if (bench_release_install(&set->bench, &other, err) < 0)
			return -1;
	}
	return is_update(set) ? bench_release_install(&set->bench, &set->former, err) : 0;
}

static int run(struct tool *tool, struct error *err)
{
	AUTO(set_up)
	struct set_up set = {.tool = tool,
		.bench = BENCH_INIT,
		.to = RELEASE_FILES_INIT(tool->fs),
		.from = RELEASE_FILES_INIT(tool->fs),
		.warnings = json_array()};
	struct bench_report report;

	if (args_want_positional(tool->args, 1, 1, "the release, such as face-library-5.1.0.json,", err) < 0 ||
		read_settings(&set, err) < 0 || read_releases(&set, err) < 0 || open_bench(&set, err) < 0)
		return -1;
	warn_of_gates(&set);
	if (bench_try(&set.bench, &set.release, is_update(&set) ? &set.former : NULL, &report, err) < 0)
		return -1;
	return answer(&set, &report, err);
}

const struct command command_try = {
	.name = "try",
	.arguments = "RELEASE.json [--from FORMER.json] [--as FILE]",
	.summary = "See what a terminal will do with a release, before anything is signed",
	.help = "Releases are as \"pack\" wrote them, each with its payload beside it. They are staged, activated, "
		"their "
		"data\n"
		"migrated, tested, asked for their health and taken back by the same code, and in the same sandbox, "
		"as on a\n"
		"terminal, in folders that go away again; packages stand at /opt/haishin. Says what became of each "
		"step, how\n"
		"long it took, and how many bytes a terminal fetches. Ends with 0 where a terminal would confirm the "
		"release,\n"
		"with 7 where it would not.\n",
	.options = options,
	.run = run,
};
