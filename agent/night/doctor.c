#include "agent/night/doctor.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

#include "agent/base/doctor_machine.h"
#include "agent/base/installed_agent.h"
#include "agent/config/config_mistake.h"
#include "agent/machine/machine_clock.h"
#include "agent/machine/machine_files.h"
#include "agent/night/doctor_network.h"
#include "agent/night/doctor_walls.h"
#include "agent/server/distribution.h"
#include "agent/server/last_contact.h"
#include "agent/sound/sound_check.h"
#include "agent/store/history.h"
#include "common/platform.h"
#include "manifests/tuf/time_floor.h"

#define SERVICE "haishind.service"
#define DAY_S 86400

/* ---- On this machine. ---- */

static void walk_configuration(const struct doctor_walk *walk)
{
	struct error why = {0};
	struct doctor_hop hop;

	doctor_hop_begin(&hop, DOCTOR_HOP_CONFIGURATION, "%s", walk->terminal->config->server_urls.items[0]);
	if (config_mistake_refuse(&walk->terminal->config->unknowns, &why) < 0)
		doctor_hop_blame(&hop, DOCTOR_WARNING, FINDING_SETTING_UNKNOWN, &why);
	walk->take(walk->context, &hop);
}

/* A terminal below a root of its own is started by whoever made it. */
static void walk_service(const struct doctor_walk *walk)
{
	enum platform_service state = PLATFORM_SERVICE_UNKNOWN;
	char installed[VERSION_TEXT_SIZE];
	struct error why = {0};
	struct doctor_hop hop;

	doctor_hop_begin(&hop, DOCTOR_HOP_SERVICE, "%s", SERVICE);
	if (!*walk->terminal->config->root)
		state = platform_service(walk->terminal->env->processes, SERVICE);
	if (state == PLATFORM_SERVICE_UNKNOWN) {
		hop.outcome = DOCTOR_SKIPPED;
	} else if (state == PLATFORM_SERVICE_DISABLED) {
		(void)error_set(&why, ERROR_FAILED, "systemctl says that %s is not enabled", SERVICE);
		doctor_hop_blame(&hop, DOCTOR_FAILED, FINDING_SERVICE_DISABLED, &why);
	}
	if (hop.outcome != DOCTOR_FAILED &&
		installed_agent_is_newer(walk->terminal->env->fs, walk->terminal->config, installed)) {
		(void)error_set(&why, ERROR_FAILED, "%s is installed, %s runs", installed, HAISHIN_VERSION);
		doctor_hop_blame(&hop, DOCTOR_WARNING, FINDING_AGENT_OLDER, &why);
	}
	walk->take(walk->context, &hop);
}

static void walk_clock(const struct doctor_walk *walk)
{
	const struct clock *clock = walk->terminal->env->clock;
	int64_t floor_s = time_floor_load(walk->terminal->env->fs, walk->terminal->metadata_dir_fd);
	struct machine_clock seen = {0};
	char now[CLOCK_TEXT_SIZE];
	struct error why = {0};
	struct doctor_hop hop;

	doctor_hop_begin(&hop, DOCTOR_HOP_CLOCK, "%s", clock_text(clock->now_s(clock), now));
	if (machine_clock_look(walk->terminal->store, clock, floor_s, &seen, &why) == 0 &&
		seen.state != MACHINE_CLOCK_RIGHT) {
		(void)error_set(&why, ERROR_FAILED, "%s", seen.detail);
		doctor_hop_blame(&hop, DOCTOR_FAILED,
			seen.state == MACHINE_CLOCK_BEHIND ? FINDING_CLOCK_BEHIND : FINDING_CLOCK_AHEAD, &why);
	}
	walk->take(walk->context, &hop);
}

static int look_at_package(
	const struct doctor_walk *walk, const char *package, struct doctor_hop *hop, struct error *err)
{
	static const struct sound_watch nobody = {0};
	char counts[SOUNDNESS_TEXT_SIZE];
	struct sound_result result;
	struct error why = {0};

	if (sound_check(walk->terminal, package, SOUND_LOOK, &nobody, &result, err) < 0)
		return -1;
	if (!soundness_is_damaged(&result.soundness) || hop->outcome != DOCTOR_OK)
		return 0;
	soundness_text(&result.soundness, counts);
	(void)error_set(&why, ERROR_DAMAGED, "%s %s: %s", package, result.version,
		*counts ? counts : result.soundness.list_fault);
	doctor_hop_blame(hop, DOCTOR_FAILED, FINDING_FILES_DAMAGED, &why);
	return 0;
}

/* A quick look at what is installed; `haishin verify` reads all of it. */
static void walk_files(const struct doctor_walk *walk)
{
	const struct config_list *packages = &walk->terminal->config->packages;
	struct error why = {0};
	struct doctor_hop hop;

	doctor_hop_begin(&hop, DOCTOR_HOP_FILES, "%s", walk->terminal->config->packages_path);
	for (size_t i = 0; i < packages->count; i++)
		if (look_at_package(walk, packages->items[i], &hop, &why) < 0)
			log_line(walk->terminal->env->log, LOG_LEVEL_WARNING, "doctor: %s, ignored", why.text);
	walk->take(walk->context, &hop);
}

static void walk_machine(const struct doctor_walk *walk)
{
	const struct machine_question question = {
		.fs = walk->terminal->env->fs, .config = walk->terminal->config, .has_agent = true, .tries = true};
	struct machine machine;

	machine_look(&question, &machine);
	doctor_machine_tell(walk->terminal->config, &machine, walk->take, walk->context);
}

/* ---- The client certificate. ---- */

static enum doctor_finding certificate_finding(const struct error *why)
{
	switch (certificate_fault_of(why)) {
	case CERTIFICATE_MISSING:
		return FINDING_CERTIFICATE_MISSING;
	case CERTIFICATE_EXPIRED:
		return FINDING_CERTIFICATE_EXPIRED;
	case CERTIFICATE_NOT_YET:
		return FINDING_CERTIFICATE_NOT_YET;
	case CERTIFICATE_UNUSABLE:
		break;
	}
	return FINDING_CERTIFICATE_UNUSABLE;
}

static void look_at_certificate(
	const struct doctor_walk *walk, const struct certificate *certificate, struct doctor_hop *hop)
{
	const struct clock *clock = walk->terminal->env->clock;
	const char *code = walk->terminal->config->institution_code;
	int days = certificate_warning_days(certificate->expires_s, clock->now_s(clock));
	char until[CLOCK_TEXT_SIZE];
	struct error why = {0};

	doctor_hop_begin(hop, DOCTOR_HOP_CERTIFICATE, "%s, %s, %s", certificate->name, certificate->subject,
		clock_text(certificate->expires_s, until));
	if (*code && !strstr(certificate->subject, code)) {
		(void)error_set(&why, ERROR_CERTIFICATE, "no certificate bears the institution code %s (%s)", code,
			config_source(walk->terminal->config, "terminal", "institution_code"));
		doctor_hop_blame(hop, DOCTOR_WARNING, FINDING_CERTIFICATE_OF_ANOTHER, &why);
	} else if (days) {
		(void)error_set(&why, ERROR_CERTIFICATE, "it expires in %" PRId64 " days",
			(certificate->expires_s - clock->now_s(clock)) / DAY_S);
		doctor_hop_blame(hop, DOCTOR_WARNING, FINDING_CERTIFICATE_ENDS, &why);
	}
}

/* Opens what the network hops need; false where that failed, which is told. */
static bool walk_certificate(const struct doctor_walk *walk, struct distribution *ret_distribution)
{
	const struct config *config = walk->terminal->config;
	struct connection_options options = {.stop_fd = walk->stop_fd};
	struct error why = {0};
	struct doctor_hop hop;

	doctor_hop_begin(&hop, DOCTOR_HOP_CERTIFICATE, "%s", config->certificates_path);
	if (distribution_open(walk->terminal, &options, ret_distribution, &why) < 0) {
		doctor_hop_blame(&hop, DOCTOR_FAILED,
			why.code == ERROR_CERTIFICATE ? certificate_finding(&why) : FINDING_FETCH_UNUSABLE, &why);
		walk->take(walk->context, &hop);
		return false;
	}
	if (ret_distribution->connection.certificate.name)
		look_at_certificate(walk, &ret_distribution->connection.certificate, &hop);
	else
		hop.outcome = DOCTOR_SKIPPED; /* no server asks for one */
	walk->take(walk->context, &hop);
	return true;
}

/* ---- Trust. ---- */

static enum doctor_finding trust_finding(const struct error *why)
{
	switch (why->code) {
	case ERROR_REFUSED:
		return FINDING_TRUST_REFUSED;
	case ERROR_ALTERED:
		return FINDING_TRUST_ALTERED;
	case ERROR_EXPIRED:
		return FINDING_TRUST_EXPIRED;
	case ERROR_STRANGER:
		return FINDING_SERVER_STRANGER;
	default:
		return FINDING_TRUST_UNFINISHED;
	}
}

/* The last check failed, and what is told of it must not be older than an answer. Whoever asks again and again adds no rows. */
static int record_contact(struct store *store, struct error *err)
{
	const struct history_entry entry = {.operation = "check", .outcome = "done", .detail = "asked for by the doctor"};
	struct history_row last;
	bool found;

	if (history_newest(store, "check", NULL, &last, &found, err) < 0)
		return -1;
	return found && strcmp(last.outcome, "done") == 0 ? 0 : history_add(store, &entry, err);
}

static void note_contact(const struct doctor_walk *walk, const struct distribution *distribution)
{
	struct error err = {0};

	if (last_contact_note(distribution, true, &err) < 0 || record_contact(walk->terminal->store, &err) < 0)
		log_line(walk->terminal->env->log, LOG_LEVEL_WARNING, "doctor: %s, ignored", err.text);
}

static void walk_trust(const struct doctor_walk *walk, struct distribution *distribution)
{
	char issued[CLOCK_TEXT_SIZE];
	struct error why = {0};
	struct doctor_hop hop;

	doctor_hop_begin(&hop, DOCTOR_HOP_TRUST, "%s", walk->terminal->config->trusted_root_path);
	if (distribution_refresh(distribution, &why) < 0)
		doctor_hop_blame(&hop, DOCTOR_FAILED, trust_finding(&why), &why);
	else
		(void)snprintf(
			hop.subject, sizeof(hop.subject), "%s", clock_text(distribution->catalog->issued_s, issued));
	if (hop.outcome == DOCTOR_OK)
		note_contact(walk, distribution);
	walk->take(walk->context, &hop);
}

/* ---- The whole. ---- */

void doctor_walk(struct terminal *terminal, int stop_fd, doctor_take *take, void *context)
{
	AUTO(distribution) struct distribution distribution = {0};
	const struct doctor_walk walk = {.terminal = terminal,
		.stop_fd = stop_fd,
		.link_folder = PLATFORM_LINK_FOLDER,
		.take = take,
		.context = context};

	walk_configuration(&walk);
	walk_service(&walk);
	walk_clock(&walk);
	walk_machine(&walk);
	doctor_walk_walls(&walk);
	walk_files(&walk);
	if (walk_certificate(&walk, &distribution) && doctor_walk_network(&walk, &distribution))
		walk_trust(&walk, &distribution);
}

void doctor_tell_configuration(const struct error *why, doctor_take *take, void *context)
{
	struct doctor_hop hop;

	doctor_hop_begin(&hop, DOCTOR_HOP_CONFIGURATION, "%s", "");
	doctor_hop_blame(&hop, DOCTOR_FAILED, doctor_machine_finding(machine_settings_fault(why)), why);
	take(context, &hop);
}

bool doctor_tell_machine(const struct env *env, const struct config *config, doctor_take *take, void *context)
{
	const struct machine_question question = {.fs = env->fs, .config = config, .tries = true};
	struct machine machine;

	machine_look(&question, &machine);
	if (machine.count)
		doctor_machine_tell(config, &machine, take, context);
	return machine.count > 0;
}

void doctor_tell_terminal(const struct error *why, doctor_take *take, void *context)
{
	enum doctor_hop_kind at = DOCTOR_HOP_DISK;
	enum doctor_finding finding = FINDING_DISK_NOT_WRITABLE;
	struct doctor_hop hop;

	switch (why->code) {
	case ERROR_STORE_NEWER:
		at = DOCTOR_HOP_STATE;
		finding = FINDING_STORE_NEWER;
		break;
	case ERROR_NOT_FOUND:
	case ERROR_REFUSED:
	case ERROR_INPUT: /* others could write the file */
		at = DOCTOR_HOP_TRUST;
		finding = FINDING_TRUST_ROOT_MISSING;
		break;
	case ERROR_NO_SPACE:
		finding = FINDING_DISK_FULL;
		break;
	default:
		break;
	}
	doctor_hop_begin(&hop, at, "%s", "");
	doctor_hop_blame(&hop, DOCTOR_FAILED, finding, why);
	take(context, &hop);
}
