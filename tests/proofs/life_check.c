/* What must hold on a terminal, whatever went wrong. */
#include "tests/proofs/life.h"

#include <fcntl.h>
#include <glob.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/choice/candidates.h"
#include "agent/restart/boot.h"
#include "agent/server/distribution.h"
#include "agent/status/status_collect.h"
#include "agent/store/history.h"
#include "manifests/base/version.h"
#include "manifests/release/release.h"
#include "rollback/versions.h"
#include "tests/proofs/publisher.h"
#include "updater/stage/stage_verify.h"

#define PROGRAM_TIMEOUT_MS 20000
#define PATH_SIZE 512

/* What is current of each package. */
struct current {
	char folder[VERSIONS_FOLDER_SIZE]; /* "" for none */
	struct release *release;
};

static int stop_with(struct error *err, const char *package, const char *what)
{
	return error_set(err, ERROR_DAMAGED, "%s: %s", package, what);
}

/* The publisher has a release with exactly these bytes. */
static bool was_published(const struct life *life, const char *package, const struct buf *json)
{
	char pattern[FOLDER_PATH_SIZE * 2], hex[SHA256_HEX_SIZE];
	struct sha256 digest;
	glob_t found;
	bool is_there;

	sha256_of(buf_text(json), json->len, &digest);
	(void)snprintf(pattern, sizeof(pattern), "%s/%d/targets/%s/%s.*.json", life->server.states,
		life->server.state, package, sha256_hex(&digest, hex));
	is_there = glob(pattern, 0, NULL, &found) == 0;
	globfree(&found);
	return is_there;
}

/* The folder is whole, and its release is one that the publisher signed. */
static int check_clear(
	struct life *life, const char *package, struct versions *versions, struct current *current, struct error *err)
{
	AUTO(buf) struct buf json = BUF_INIT(RELEASE_MAX_BYTES);
	char name[PATH_SIZE];
	struct world *world = life->world;

	(void)snprintf(name, sizeof(name), "%s.json", current->folder);
	if (fs_read_file(&world->fs, versions_dir_fd(versions), name, &json, err) < 0 ||
		release_parse(buf_text(&json), json.len, &current->release, err) < 0 ||
		stage_verify(&world->env, versions_dir_fd(versions), current->folder, current->release, err) < 0)
		return error_context(err, "%s", package);
	return was_published(life, package, &json) ? 0
						   : stop_with(err, package, "what is current was never published");
}

static int check_program(struct life *life, const char *package, const char *folder, struct error *err)
{
	struct processes *processes = &life->world->processes;
	AUTO(free) char *path = NULL;
	struct process_result result;
	const char *argv[2] = {NULL};

	if (asprintf(&path, "%s/%s/versions/%s/bin/self-test", life->world->config.packages_path, package, folder) <
		0)
		return stop_with(err, package, "no memory");
	argv[0] = path;
	const struct process_request request = {.argv = argv, .timeout_ms = PROGRAM_TIMEOUT_MS};

	if (processes->run(processes, &request, &result, err) < 0)
		return -1;
	return result.exit_status == 0 ? 0 : stop_with(err, package, "its program does not run");
}

static int check_package(struct life *life, size_t i, bool runs, struct current *current, struct error *err)
{
	const char *package = life_packages[i];
	AUTO(versions) struct versions *versions = NULL;

	if (versions_open(&life->world->fs, life->world->terminal.packages_dir_fd, package, &versions, err) < 0 ||
		versions_current(versions, current->folder, err) < 0)
		return -1;
	if (!*current->folder)
		return life->had[i] ? stop_with(err, package, "had a release, and has none now") : 0;
	if (check_clear(life, package, versions, current, err) < 0)
		return -1;
	return runs ? check_program(life, package, current->folder, err) : 0;
}

/* What each release requires is beside it. */
static int check_requirements(const struct current *all, struct error *err)
{
	for (size_t i = 0; i < LIFE_PACKAGES; i++)
		for (size_t r = 0; all[i].release && r < all[i].release->requires_count; r++) {
			const struct release_requirement *wanted = &all[i].release->requires[r];

			for (size_t k = 0; k < LIFE_PACKAGES; k++)
				if (strcmp(life_packages[k], wanted->package) == 0 &&
					(!all[k].release ||
						version_compare(all[k].release->version, wanted->version) < 0))
					return error_set(err, ERROR_DAMAGED, "%s %s runs without %s %s, but with %s",
						life_packages[i], all[i].release->version, wanted->package,
						wanted->version, all[k].release ? all[k].release->version : "none");
		}
	return 0;
}

static int check_packages(struct life *life, bool runs, struct error *err)
{
	struct current all[LIFE_PACKAGES] = {0};
	int result = 0;

	for (size_t i = 0; i < LIFE_PACKAGES && result == 0; i++)
		result = check_package(life, i, runs, &all[i], err);
	if (result == 0 && !life->is_booting && !life_has_stopped(life)) /* else no application sees it */
		result = check_requirements(all, err);
	for (size_t i = 0; i < LIFE_PACKAGES; i++) {
		life->had[i] = life->had[i] || *all[i].folder;
		release_free(all[i].release);
	}
	return result;
}

/* The agent's start brings disk, plan and store into line; a second one finds nothing left to do. */
static int check_records(struct life *life, struct error *err)
{
	struct terminal *terminal = &life->world->terminal;
	struct boot_result first, second;
	int64_t rows;

	if (boot_reconcile_terminal(terminal, &first, err) < 0 ||
		boot_reconcile_terminal(terminal, &second, err) < 0 || store_check(terminal->store, err) < 0 ||
		history_verify(terminal->store, &rows, err) < 0)
		return -1;
	return second.repaired == 0 ? 0 : error_set(err, ERROR_DAMAGED, "disk and store do not come to agree");
}

/* ---- Rollouts ---- */

static size_t place_of(const char *package)
{
	size_t i = 0;

	while (i < LIFE_PACKAGES - 1 && strcmp(life_packages[i], package) != 0)
		i++;
	return i;
}

static int check_candidate(struct life *life, const struct candidate_here *here, struct error *err)
{
	struct life_refusal *refused = &life->refused[place_of(here->package)];
	enum rollout_gate gate = here->decision.gate;

	if (here->decision.step == ROLLOUT_TAKE_OUT)
		return stop_with(err, here->package, "its candidate is stopped, and still waits for a restart");
	if (here->facts.is_current && strcmp(life->world->config.ring, PUBLISHER_RING) != 0)
		return stop_with(err, here->package, "its candidate runs where no stage is for it");
	if (here->facts.is_current && here->attempt <= refused->attempt && strcmp(here->digest, refused->digest) == 0)
		return stop_with(err, here->package, "its candidate runs, and was known to be stopped before it came");
	if ((gate == ROLLOUT_GATE_BRAKED || gate == ROLLOUT_GATE_STOPPED || gate == ROLLOUT_GATE_WITHDRAWN) &&
		here->decision.step == ROLLOUT_STABLE) {
		memcpy(refused->digest, here->digest, sizeof(refused->digest));
		refused->attempt = here->attempt;
	}
	return 0;
}

/* Of what the last contact told. */
static int check_candidates(struct life *life, struct error *err)
{
	struct terminal *terminal = &life->world->terminal;
	AUTO(catalog) struct catalog *catalog = NULL;
	AUTO(candidates) struct candidates candidates = {0};
	struct error none = {0};

	if (!life_asked_well(life) || distribution_kept_catalog(terminal, &catalog, &none) < 0)
		return 0;
	if (candidates_find(terminal, catalog, &candidates, err) < 0)
		return -1;
	for (size_t i = 0; i < candidates.count; i++)
		if (check_candidate(life, &candidates.items[i], err) < 0)
			return -1;
	return 0;
}

int life_check(struct life *life, bool runs_programs, struct error *err)
{
	struct world *world = life->world;
	int result;

	if (life_look_back(life, err) < 0)
		return -1;
	world->fs.before_change = NULL;
	if (terminal_open(&world->env, &world->config, &world->terminal, err) < 0)
		return -1;
	result = check_records(life, err) < 0 || check_packages(life, runs_programs, err) < 0 ||
				 check_candidates(life, err) < 0
			 ? -1
			 : 0;
	terminal_close(&world->terminal);
	return result;
}

static int check_verdict(struct life *life, const char *version, struct error *err)
{
	AUTO(status) struct status status = {0};

	if (status_collect(&life->world->terminal, &status, err) < 0)
		return -1;
	for (size_t i = 0; i < status.count; i++)
		if (strcmp(status.packages[i].version, version) != 0 || status.packages[i].on_trial)
			return error_set(err, ERROR_FAILED, "%s is at %s%s in the end, not confirmed at %s",
				status.packages[i].name, status.packages[i].version,
				status.packages[i].on_trial ? ", on trial" : "", version);
	if (status.judgement.verdict == STATUS_UP_TO_DATE)
		return 0;
	return error_set(err, ERROR_FAILED, "the verdict in the end is '%s' (%s)",
		status_verdict_name(status.judgement.verdict), status_reason_name(status.judgement.reason));
}

int life_check_end(struct life *life, const char *version, struct error *err)
{
	struct world *world = life->world;
	int result;

	if (terminal_open(&world->env, &world->config, &world->terminal, err) < 0)
		return -1;
	result = check_verdict(life, version, err);
	terminal_close(&world->terminal);
	return result;
}
