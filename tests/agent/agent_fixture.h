/* A terminal in a fresh folder with four packages, under a clock that the test moves, and the agent's methods behind
 * a real socket. It is noon in Japan: no delivery is due. */
#ifndef TESTS_AGENT_AGENT_FIXTURE_H
#define TESTS_AGENT_AGENT_FIXTURE_H

#include "agent/base/terminal.h"
#include "agent/config/config.h"
#include "agent/varlink/varlink.h"
#include "agent/resident/resident.h"
#include "common/json.h"
#include "tests/support/folder.h"

#define NOON_S 1768014000 /* 2026-01-10T03:00:00Z, 12:00 in Japan */
#define DIGEST_A "aaaaaaaa11111111111111111111111111111111111111111111111111111111"
#define DIGEST_B "bbbbbbbb22222222222222222222222222222222222222222222222222222222"

struct agent_fixture {
	struct folder folder;
	struct fs fs;
	struct clock clock;
	int64_t now_s;
	int64_t monotonic_ms;
	char boot_id[BOOT_ID_SIZE];
	struct processes processes;
	struct log log;
	struct env env;
	struct config config;
	struct terminal terminal;
	struct resident resident;
	char socket_path[2 * FOLDER_PATH_SIZE];
	struct varlink *server;
	pid_t agent_pid; /* of the process started by agent_fixture_start(); 0 for none */
	json_t *answers; /* those of tests/agent/asking.h; NULL: none yet */
};

/* For cmocka: *STATE is the fixture. */
int agent_fixture_setup(void **state);
int agent_fixture_teardown(void **state);

/* Starts the whole resident part in a process of its own instead, with its control socket in the run folder; it runs
 * JOB, lines of shell, for each job. JOB says how far it is on descriptor 3 and may wait for
 * agent_fixture_let_job_go(). */
void agent_fixture_start(struct agent_fixture *fixture, const char *job);
#define JOB_SAYS(json) "echo '" json "' >&3\n"
#define JOB_WAITS "read -r go < \"$gate\"\n"
#define JOB_IS_CHECKING JOB_SAYS("{\"state\":\"checking\",\"number\":0,\"of\":0,\"bytes\":0,\"total\":0}")
#define JOB_ENDS(staged)                                                                                             \
	JOB_SAYS("{\"state\":\"end\",\"staged\":" staged                                                            \
		 ",\"available\":0,\"error\":\"none\",\"exit\":0,\"message\":\"\"}")
void agent_fixture_let_job_go(struct agent_fixture *fixture);
/* The end of it, when it is asked to end. */
void agent_fixture_stop(struct agent_fixture *fixture);

/* The caller is somebody without rights from now on. */
void agent_fixture_become_stranger(struct agent_fixture *fixture);

/* ... or nobody, who is neither root nor the agent's own user and may change things. */
void agent_fixture_become_clerk(struct agent_fixture *fixture);

/* Calls a method and returns the whole answer: {"parameters": ...} or {"error": ..., "parameters": ...}. PARAMETERS
 * is JSON text or NULL. To be released by json_decref. */
json_t *agent_fixture_call(struct agent_fixture *fixture, const char *method, const char *parameters);
/* The same, with parts: an array of all answers. */
json_t *agent_fixture_call_more(struct agent_fixture *fixture, const char *method, const char *parameters);

/* Puts a release of a package on the disk, and makes it current as versions_activate() does. */
void agent_fixture_install(struct agent_fixture *fixture, const char *package, const char *folder);
/* Takes a delivery to STAGED, and its plan entry with it. */
void agent_fixture_stage(struct agent_fixture *fixture, const char *package, const char *version, const char *digest);
/* Keeps a catalog that names these versions. */
void agent_fixture_keep_catalog(struct agent_fixture *fixture, const char *face_library_version);
/* Says that the server was asked just now, and answered. */
void agent_fixture_note_contact(struct agent_fixture *fixture);

#endif
