/* What the doctor finds where a real network would have to be ill in a way of its own: the transport is told how it ends. */
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/machine/machine_walls.h"
#include "agent/night/doctor.h"
#include "agent/night/doctor_network.h"
#include "agent/night/doctor_walls.h"
#include "agent/status/status_collect.h"
#include "agent/status/status_json.h"
#include "rollback/sandbox/calls.h"
#include "tests/agent/agent_fixture.h"
#include "tests/support/test.h"

/* What looking up a name says, and how what follows ends. */
struct network {
	enum error_code name;
	const char *addresses;
	enum error_code root; /* what becomes of a request for the next root */
};

struct seen {
	enum doctor_hop_kind at;
	enum doctor_outcome outcome;
	enum doctor_finding finding; /* the first */
};

static void take(void *context, const struct doctor_hop *hop)
{
	struct seen *seen = context;

	if (!seen->finding)
		*seen = (struct seen){.at = hop->at, .outcome = hop->outcome, .finding = hop->finding};
}

static int get(struct transport *transport, const struct transport_request *request, transport_sink *sink,
	void *sink_context, struct transport_reply *ret_reply, struct error *err)
{
	const struct network *network = transport->context;

	*ret_reply = (struct transport_reply){0};
	if (strncmp(request->url, "probe://", strlen("probe://")) != 0)
		return network->root && strstr(request->url, "root.json")
			       ? error_set(err, network->root, "as the test wants it")
			       : sink(sink_context, "<html>", 6, err);
	if (network->name)
		return error_set(err, network->name, "as the test wants it");
	return sink(sink_context, network->addresses, strlen(network->addresses), err);
}

static void walk_with(struct agent_fixture *fixture, const struct network *network, struct seen *ret_seen)
{
	struct transport transport = {.ask = get, .context = (void *)network};
	struct distribution distribution = {.connection.direct = &transport};
	char link_folder[2 * FOLDER_PATH_SIZE];
	struct doctor_walk walk = {.terminal = &fixture->terminal,
		.stop_fd = -1,
		.link_folder = link_folder,
		.take = take,
		.context = ret_seen};

	(void)snprintf(link_folder, sizeof(link_folder), "%s/sys/class/net", fixture->folder.path);
	*ret_seen = (struct seen){0};
	(void)!doctor_walk_network(&walk, &distribution);
}

static void assert_finds(const struct seen *seen, const char *place, const char *finding)
{
	assert_string_equal(doctor_finding_name(seen->finding), finding);
	assert_string_equal(doctor_hop_kind_name(seen->at), place);
}

TEST_CASE(test_tells_a_name_from_those_who_know_names)
{
	static const struct network unknown = {.name = ERROR_NOT_FOUND}, silent = {.name = ERROR_NETWORK};
	struct agent_fixture *fixture = *state;
	struct seen seen;

	walk_with(fixture, &unknown, &seen);
	assert_finds(&seen, "name", "name-unknown");
	walk_with(fixture, &silent, &seen);
	assert_finds(&seen, "name", "name-server-silent");
	free(fixture->config.proxy);
	fixture->config.proxy = strdup("http://proxy:8080");
	walk_with(fixture, &unknown, &seen);
	assert_finds(&seen, "name", "proxy-unknown");
}

TEST_CASE(test_one_silent_address_of_two_is_only_worth_a_note)
{
	static const struct network one = {.addresses = "192.0.2.1:443 failed no answer\n192.0.2.2:443 ok\n"},
				    none = {.addresses = "192.0.2.1:443 failed no answer\n"};
	struct seen seen;

	walk_with(*state, &one, &seen);
	assert_finds(&seen, "address", "address-silent");
	assert_int_equal(seen.outcome, DOCTOR_WARNING);
	walk_with(*state, &none, &seen);
	assert_finds(&seen, "address", "server-unreachable");
	assert_int_equal(seen.outcome, DOCTOR_FAILED);
}

TEST_CASE(test_tells_a_machine_that_refuses_from_one_that_is_silent_and_from_no_way_at_all)
{
	static const struct {
		const char *said, *finding;
	} rows[] = {
		{"192.0.2.1:443 failed Connection refused\n", "server-stopped"},
		{"192.0.2.1:443 failed Connection timed out\n", "server-unreachable"},
		{"192.0.2.1:443 failed No route to host\n", "server-unreachable"},
		{"192.0.2.1:443 failed Network is unreachable\n", "link-down"},
		{"192.0.2.1:443 failed Network is down\n", "link-down"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct network network = {.addresses = rows[i].said};
		struct seen seen;

		walk_with(*state, &network, &seen);
		assert_finds(&seen, "address", rows[i].finding);
	}
}

TEST_CASE(test_looks_at_the_cable_first_unless_the_server_is_here)
{
	static const struct network silent = {.name = ERROR_NETWORK};
	struct agent_fixture *fixture = *state;
	struct seen seen;

	folder_put(&fixture->folder, "sys/class/net/lo/carrier", "1\n", 2);
	folder_put(&fixture->folder, "sys/class/net/enp1s0/carrier", "0\n", 2);
	walk_with(fixture, &silent, &seen);
	assert_finds(&seen, "name", "name-server-silent"); /* at 127.0.0.1 */
	free(fixture->config.server_urls.items[0]);
	fixture->config.server_urls.items[0] = strdup("https://updates.example.org");
	walk_with(fixture, &silent, &seen);
	assert_finds(&seen, "link", "link-down");
	folder_put(&fixture->folder, "sys/class/net/enp1s0/carrier", "1\n", 2);
	walk_with(fixture, &silent, &seen);
	assert_finds(&seen, "name", "name-server-silent");
}

TEST_CASE_WITH(test_says_why_the_walk_cannot_begin, NULL, NULL)
{
	static const struct {
		enum error_code code;
		const char *configuration, *terminal;
	} rows[] = {
		{ERROR_NOT_FOUND, "configuration-missing", "trust-root-missing"},
		{ERROR_INPUT, "configuration-wrong", "trust-root-missing"},
		{ERROR_STORE_NEWER, "configuration-wrong", "store-newer"},
		{ERROR_NO_SPACE, "configuration-wrong", "disk-full"},
		{ERROR_FAILED, "configuration-wrong", "disk-not-writable"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct error why = {.code = rows[i].code};
		struct seen configuration = {0}, terminal = {0};

		doctor_tell_configuration(&why, take, &configuration);
		assert_finds(&configuration, "configuration", rows[i].configuration);
		doctor_tell_terminal(&why, take, &terminal);
		assert_string_equal(doctor_finding_name(terminal.finding), rows[i].terminal);
	}
}

TEST_CASE(test_tells_a_lost_contact_from_something_else_that_answers)
{
	static const struct {
		struct network network;
		const char *finding;
	} rows[] = {
		{{.addresses = "192.0.2.1:443 ok\n"}, "server-stranger"},
		{{.addresses = "192.0.2.1:443 ok\n", .root = ERROR_NETWORK}, "trust-unfinished"},
	};
	struct agent_fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct transport transport = {.ask = get, .context = (void *)&rows[i].network};
		struct seen seen = {0};

		fixture->env.transport = &transport;
		doctor_walk(&fixture->terminal, -1, take, &seen);
		assert_finds(&seen, "trust", rows[i].finding);
	}
}

TEST_CASE(test_says_that_the_part_on_the_network_cannot_be_made_ready)
{
	struct agent_fixture *fixture = *state;
	struct seen seen = {0};

	free(fixture->config.proxy_credentials_path);
	fixture->config.proxy_credentials_path = strdup("/nowhere");
	doctor_walk(&fixture->terminal, -1, take, &seen);
	assert_finds(&seen, "certificate", "fetch-unusable");
}

/* ---- Walls ---- */

/* What the hop says, in a process of its own: FORBID takes namespaces and more away from it. */
static int walls_seen(struct agent_fixture *fixture, bool forbid)
{
	struct seen seen = {0};
	const struct doctor_walk walk = {.terminal = &fixture->terminal, .stop_fd = -1, .take = take, .context = &seen};
	pid_t pid;
	int status;

	(void)fflush(NULL);
	if ((pid = fork()) == 0) {
		if (forbid && (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || calls_forbid(NULL) < 0))
			_exit(99);
		doctor_walk_walls(&walk);
		if (seen.outcome == DOCTOR_WARNING)
			assert_finds(&seen, "walls", "walls-missing");
		_exit(seen.at == DOCTOR_HOP_WALLS ? (int)seen.outcome : 98);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WEXITSTATUS(status);
}

/* What status says is missing. */
static void assert_walls(struct agent_fixture *fixture, const char *expected)
{
	AUTO(status) struct status status = {0};
	AUTO(json) json_t *json = NULL;
	struct error err = {0};
	char *missing;

	assert_ok(status_collect(&fixture->terminal, &status, &err), &err);
	json = status_json(&status, &fixture->config);
	missing = json_is_object(json_object_get(json, "walls"))
			  ? json_dumps(json_object_get(json_object_get(json, "walls"), "missing"), JSON_COMPACT)
			  : strdup("null");
	assert_string_equal(missing, expected);
	free(missing);
}

static void keep_up(struct agent_fixture *fixture)
{
	struct error err = {0};

	const struct machine_walls_place place = {.env = &fixture->env,
		.config = &fixture->config,
		.packages_dir_fd = fixture->terminal.packages_dir_fd,
		.store = fixture->terminal.store};

	assert_ok(machine_walls_keep_up(&place, &err), &err);
}

TEST_CASE(test_tells_where_this_machine_gives_no_walls)
{
	struct agent_fixture *fixture = *state;

	free(fixture->config.self_test_user);
	fixture->config.self_test_user = strdup("nobody");
	assert_int_equal(chmod(fixture->folder.path, 0755), 0);
	assert_int_equal(walls_seen(fixture, false), DOCTOR_SKIPPED); /* there is nothing to wall in */
	agent_fixture_install(fixture, "face-library", "5.0.2-aaaaaaaa");
	assert_walls(fixture, "null");
	assert_int_equal(walls_seen(fixture, false), DOCTOR_OK);
	assert_walls(fixture, "[]");
	assert_int_equal(walls_seen(fixture, true), DOCTOR_WARNING);
	assert_walls(fixture, "[\"namespaces\"]");
	/* What was missing is looked at again each night; what was there, each week. */
	keep_up(fixture);
	assert_walls(fixture, "[]");
}

TESTS(agent_fixture_setup, agent_fixture_teardown)
