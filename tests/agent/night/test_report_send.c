/* Reports: what the server learns, that nothing is lost on the way, and that nobody is named. */
#include <stdio.h>
#include <string.h>

#include "agent/night/report_send.h"
#include "agent/store/contact.h"
#include "agent/store/delivery.h"
#include "agent/store/pause.h"
#include "agent/store/quarantine.h"
#include "agent/store/sent_report.h"
#include "agent/turn/account.h"
#include "ledger/proof/signed_report.h"
#include "ledger/proof/terminal_certificate.h"
#include "manifests/keys/key.h"
#include "tests/agent/agent_fixture.h"
#include "tests/support/pki.h"
#include "tests/support/test.h"

#define HOUR_S 3600
#define DAY_S 86400
#define OPENS_S (NOON_S + 8 * HOUR_S)

/* A server that keeps the last report, or cannot be reached. */
struct server {
	struct transport transport;
	bool is_down;
	bool has_no_proof_yet;
	bool has_seen_another;
	char asked[512]; /* the address of the last proof that was asked for */
	json_t *report;
	int count;
};

static int take(struct transport *transport, const struct transport_request *request, transport_sink *sink,
	void *context, struct transport_reply *ret_reply, struct error *err)
{
	static const char receipt[] = "{\"receipt\":\"abc\"}", later[] = "{\"receipt\":\"abc\",\"proof\":null}",
			  another[] = "{\"receipt\":\"abc\",\"twin\":\"2026-01-09T20:00:00Z\"}";
	struct server *server = transport->context;

	*ret_reply = (struct transport_reply){0};
	if (!request->body) {
		(void)snprintf(server->asked, sizeof(server->asked), "%s", request->url);
		return server->has_no_proof_yet ? error_set(err, ERROR_NETWORK, "not yet")
						: sink(context, "x\n", 2, err);
	}
	assert_string_equal(request->url, "https://reports.example.org/reports");
	assert_true(request->body && request->body_len <= 65536);
	if (server->is_down)
		return error_set(err, ERROR_NETWORK, "nobody answers");
	json_decref(server->report);
	server->report = json_parse(request->body, request->body_len, err);
	assert_non_null(server->report);
	server->count++;
	if (server->has_seen_another)
		return sink(context, another, strlen(another), err);
	return sink(context, server->has_no_proof_yet ? later : receipt,
		strlen(server->has_no_proof_yet ? later : receipt), err);
}

static void begin(struct agent_fixture *fixture, struct server *server)
{
	server->transport = (struct transport){.ask = take, .context = server};
	fixture->env.transport = &server->transport;
	free(fixture->config.report_url);
	fixture->config.report_url = strdup("https://reports.example.org/reports");
	assert_non_null(fixture->config.report_url);
}

static void send_report(struct agent_fixture *fixture)
{
	report_send(&fixture->terminal, fixture->env.transport);
}

static struct sent_report newest(struct agent_fixture *fixture)
{
	struct sent_report row;
	struct error err = {0};
	bool found;

	assert_ok(sent_report_newest(fixture->terminal.store, &row, &found, &err), &err);
	assert_true(found);
	return row;
}

static size_t count_of(const struct server *server, const char *key)
{
	return json_array_size(json_object_get(server->report, key));
}

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static void end_delivery(struct agent_fixture *fixture, const char *package, const char *digest)
{
	struct store *store = fixture->terminal.store;
	struct error why = {.code = ERROR_FAILED, .text = "the camera does not answer"}, err = {0};
	struct delivery delivery;

	assert_ok(delivery_plan(store, package, "5.1.0", digest, 150, &delivery, &err), &err);
	assert_ok(delivery_begin(store, &delivery, 10, &err), &err);
	assert_ok(delivery_reject(store, &delivery, &why, &err), &err);
	assert_ok(quarantine_add(store, package, "5.1.0", digest, "the camera does not answer", &err), &err);
}

/* Windows that went by while the terminal was off. */
static void be_off_for(struct agent_fixture *fixture, int nights)
{
	struct presence presence = {0};
	struct error err = {0};

	fixture->now_s += nights * DAY_S;
	(void)snprintf(fixture->boot_id, sizeof(fixture->boot_id), "boot-%lld", (long long)fixture->now_s);
	assert_ok(presence_note(fixture->terminal.store, &presence, &err), &err);
	assert_ok(account_windows(&fixture->terminal, &err), &err);
}

TEST_CASE(test_is_not_sent_where_no_address_is_configured)
{
	struct agent_fixture *fixture = *state;
	struct server server = {0};
	struct sent_report row;
	struct error err = {0};
	bool found;

	begin(fixture, &server);
	fixture->config.report_url[0] = '\0';
	send_report(fixture);
	assert_int_equal(server.count, 0);
	assert_ok(sent_report_newest(fixture->terminal.store, &row, &found, &err), &err);
	assert_false(found);
}

TEST_CASE(test_tells_packages_deliveries_quarantine_and_windows)
{
	struct agent_fixture *fixture = *state;
	struct server server = {0};
	const json_t *delivery;

	begin(fixture, &server);
	be_off_for(fixture, 0);
	agent_fixture_install(fixture, "face-library", "5.0.2-aaaaaaaa");
	end_delivery(fixture, "face-library", DIGEST_B);
	be_off_for(fixture, 2);
	send_report(fixture);
	assert_string_equal(text_of(server.report, "form"), "haishin-report-1");
	assert_int_equal(json_integer_value(json_object_get(server.report, "number")), 1);
	assert_int_equal(count_of(&server, "packages"), 4);
	assert_int_equal(count_of(&server, "windows"), 2);
	assert_true(json_is_string(json_object_get(json_object_get(server.report, "next_window"), "opens")));
	assert_int_equal(count_of(&server, "quarantine"), 1);
	delivery = json_array_get(json_object_get(server.report, "deliveries"), 0);
	assert_string_equal(text_of(delivery, "state"), "rejected");
	assert_string_equal(text_of(delivery, "digest"), DIGEST_B);
	assert_string_equal(newest(fixture).detail, "receipt abc");
	assert_string_equal(newest(fixture).error, "none");
	json_decref(server.report);
}

TEST_CASE(test_one_that_was_not_sent_is_told_by_the_next)
{
	struct agent_fixture *fixture = *state;
	struct server server = {.is_down = true};

	begin(fixture, &server);
	be_off_for(fixture, 0);
	be_off_for(fixture, 1);
	end_delivery(fixture, "face-library", DIGEST_A);
	send_report(fixture);
	assert_string_equal(newest(fixture).error, "network");
	assert_int_equal(newest(fixture).sent_s, 0);
	be_off_for(fixture, 1);
	server.is_down = false;
	send_report(fixture);
	assert_int_equal(json_integer_value(json_object_get(server.report, "number")), 1);
	assert_int_equal(newest(fixture).attempts, 2);
	assert_int_equal(count_of(&server, "windows"), 2);
	assert_int_equal(count_of(&server, "deliveries"), 1);
	json_decref(server.report);
}

TEST_CASE(test_what_was_told_is_not_told_again)
{
	struct agent_fixture *fixture = *state;
	struct server server = {0};

	begin(fixture, &server);
	be_off_for(fixture, 0);
	end_delivery(fixture, "face-library", DIGEST_A);
	be_off_for(fixture, 2);
	send_report(fixture);
	be_off_for(fixture, 1);
	send_report(fixture);
	assert_int_equal(json_integer_value(json_object_get(server.report, "number")), 2);
	assert_int_equal(count_of(&server, "windows"), 1);
	assert_int_equal(count_of(&server, "deliveries"), 0);
	json_decref(server.report);
}

TEST_CASE(test_a_window_is_told_once_it_is_over)
{
	struct agent_fixture *fixture = *state;
	struct contact_row row = {.opens_s = OPENS_S, .closes_s = OPENS_S + 9 * HOUR_S, .attempts = 1};
	struct server server = {0};
	struct error err = {0};

	begin(fixture, &server);
	be_off_for(fixture, 0);
	fixture->now_s = OPENS_S + HOUR_S;
	row.contact_s = fixture->now_s;
	(void)strcpy(row.date, "2026-01-10");
	(void)strcpy(row.outcome, CONTACT_MADE);
	assert_ok(contact_put(fixture->terminal.store, &row, &err), &err);
	send_report(fixture);
	assert_int_equal(count_of(&server, "windows"), 0);
	be_off_for(fixture, 1);
	send_report(fixture);
	assert_int_equal(count_of(&server, "windows"), 1);
	json_decref(server.report);
}

TEST_CASE(test_a_year_of_windows_takes_more_than_one_report)
{
	struct agent_fixture *fixture = *state;
	struct server server = {0};

	begin(fixture, &server);
	be_off_for(fixture, 0);
	be_off_for(fixture, 365);
	send_report(fixture);
	assert_int_equal(count_of(&server, "windows"), 160);
	send_report(fixture);
	assert_int_equal(count_of(&server, "windows"), 160);
	send_report(fixture);
	assert_int_equal(count_of(&server, "windows"), 45);
	send_report(fixture);
	assert_int_equal(count_of(&server, "windows"), 0);
	json_decref(server.report);
}

TEST_CASE(test_names_nobody)
{
	struct agent_fixture *fixture = *state;
	struct server server = {0};
	struct error err = {0};
	char *text;

	begin(fixture, &server);
	assert_ok(pause_set(fixture->terminal.store, "", 0, "suzuki", "the reader is in use by Dr Sato", &err), &err);
	send_report(fixture);
	text = json_dumps(server.report, JSON_COMPACT);
	assert_null(strstr(text, "suzuki"));
	assert_null(strstr(text, "Sato"));
	assert_null(strstr(text, fixture->folder.path));
	assert_string_equal(text_of(server.report, "reason"), "disabled");
	free(text);
	json_decref(server.report);
}

TEST_CASE(test_carries_the_signed_head_of_the_history)
{
	struct agent_fixture *fixture = *state;
	struct server server = {0};
	struct error err = {0};
	AUTO(key) struct key *key = NULL;
	const json_t *history;
	char statement[256];

	begin(fixture, &server);
	end_delivery(fixture, "face-library", DIGEST_A);
	send_report(fixture);
	history = json_object_get(server.report, "history");
	key = key_parse(json_object_get(history, "key"), &err);
	assert_non_null(key);
	assert_int_equal(json_integer_value(json_object_get(history, "rows")), newest(fixture).last_row);
	(void)snprintf(statement, sizeof(statement), "haishin-history-head-1\n%lld\n%s\n",
		(long long)newest(fixture).last_row, text_of(history, "head"));
	assert_true(key_verify(key, statement, strlen(statement), text_of(history, "signature")));
	json_decref(server.report);
}

static bool waits_for_a_proof(struct agent_fixture *fixture)
{
	char path[2 * FOLDER_PATH_SIZE];

	(void)snprintf(path, sizeof(path), "%s/receipt.pending", fixture->config.environment_path);
	return fs_exists(&fixture->fs, -1, path);
}

/* A collector whose witnesses were slow has it at the next contact, or at the one after that. */
TEST_CASE(test_asks_for_a_proof_that_was_still_to_come_until_it_is_there)
{
	struct agent_fixture *fixture = *state;
	struct server server = {.has_no_proof_yet = true};

	begin(fixture, &server);
	send_report(fixture);
	assert_string_equal(server.asked, "");
	assert_true(waits_for_a_proof(fixture));
	send_report(fixture);
	assert_memory_equal(server.asked, "https://reports.example.org/proofs/", 35);
	assert_int_equal(strlen(server.asked), 35 + 64);
	assert_true(waits_for_a_proof(fixture));
	server.has_no_proof_yet = false;
	send_report(fixture);
	assert_false(waits_for_a_proof(fixture));
	json_decref(server.report);
}

/* The terminal has a client certificate to show; its name is that of an institution. */
static void give_certificate(struct agent_fixture *fixture, const struct pki_pair *pair)
{
	folder_put(&fixture->folder, "certificates/client.pem", pair->pem, strlen(pair->pem));
	folder_put_secret(&fixture->folder, "certificates/client.key", pair->key_pem);
	free(fixture->config.certificates_path);
	assert_true(asprintf(&fixture->config.certificates_path, "%s/certificates", fixture->folder.path) > 0);
	free(fixture->config.server_urls.items[0]);
	fixture->config.server_urls.items[0] = strdup("https://distribution.example.org");
}

TEST_CASE(test_signs_all_of_it_and_shows_which_institution_it_is_of)
{
	struct agent_fixture *fixture = *state;
	AUTO(signed_report) struct signed_report read = {0};
	char institution[TERMINAL_INSTITUTION_SIZE];
	struct server server = {0};
	struct error err = {0};
	AUTO(free) char *text = NULL;
	struct pki_pair pair;
	struct pki pki;

	pki_init(&pki, "authority");
	pki_issue_client(&pki, &pair, "1312345678", fixture->now_s - DAY_S, fixture->now_s + DAY_S);
	struct buf ca = {.data = pki.ca_pem, .len = strlen(pki.ca_pem)};
	begin(fixture, &server);
	give_certificate(fixture, &pair);
	send_report(fixture);
	text = json_dumps(server.report, JSON_COMPACT);
	assert_ok(signed_report_read(SPAN(text), &read, &err), &err);
	assert_int_equal(read.entry.report, 1);
	assert_ok(terminal_certificate_check(read.chain, read.chain_signature, read.entry.terminal, &err), &err);
	assert_ok(terminal_certificate_trust(read.chain, &ca, read.made_s, institution, &err), &err);
	assert_string_equal(institution, "1312345678");
	pki_pair_clear(&pair);
	pki_clear(&pki);
	json_decref(server.report);
}

/* A year of windows, every delivery that fits, and a long chain. */
TEST_CASE(test_the_fullest_report_of_form_2_is_one_that_a_server_takes)
{
	struct agent_fixture *fixture = *state;
	struct server server = {0};
	struct pki_pair pair;
	struct pki pki;

	pki_init(&pki, "authority");
	be_off_for(fixture, 0);
	for (int i = 0; i < 90; i++) {
		char digest[SHA256_HEX_SIZE];

		(void)snprintf(digest, sizeof(digest), "%064d", i);
		end_delivery(fixture, "face-library", digest);
	}
	be_off_for(fixture, 365);
	pki_issue_client(&pki, &pair, "1312345678", fixture->now_s - DAY_S, fixture->now_s + DAY_S);
	begin(fixture, &server);
	give_certificate(fixture, &pair);
	send_report(fixture);
	assert_int_equal(server.count, 1);
	assert_int_equal(count_of(&server, "windows"), 160);
	assert_int_equal(count_of(&server, "deliveries"), 80);
	assert_string_equal(text_of(server.report, "form"), "haishin-report-2");
	pki_pair_clear(&pair);
	pki_clear(&pki);
	json_decref(server.report);
}

static size_t problems_told(const struct server *server, const char *reason)
{
	const json_t *problems = json_object_get(server->report, "problems");
	size_t found = 0;

	for (size_t i = 0; i < json_array_size(problems); i++)
		found += strcmp(text_of(json_array_get(problems, i), "reason"), reason) == 0;
	return found;
}

/* A disk that was copied: each of the two is told when it reports, until there is one again. */
TEST_CASE(test_is_told_that_another_machine_reports_as_this_one)
{
	struct agent_fixture *fixture = *state;
	struct server server = {.has_seen_another = true};

	begin(fixture, &server);
	send_report(fixture);
	assert_int_equal(problems_told(&server, "twin"), 0);
	send_report(fixture);
	assert_int_equal(problems_told(&server, "twin"), 1);
	assert_string_equal(text_of(server.report, "reason"), "twin");
	server.has_seen_another = false;
	send_report(fixture);
	send_report(fixture);
	assert_int_equal(problems_told(&server, "twin"), 0);
	json_decref(server.report);
}

TEST_CASE(test_says_which_machine_it_is_on_and_nothing_that_means_anything_elsewhere)
{
	struct agent_fixture *fixture = *state;
	struct server server = {0};
	char first[SHA256_HEX_SIZE];

	begin(fixture, &server);
	free(fixture->config.machine_id_path);
	assert_true(asprintf(&fixture->config.machine_id_path, "%s/machine-id", fixture->folder.path) > 0);
	send_report(fixture);
	assert_null(json_object_get(server.report, "machine"));
	folder_put(&fixture->folder, "machine-id", "0123456789abcdef0123456789abcdef\n", 33);
	send_report(fixture);
	(void)snprintf(first, sizeof(first), "%s", text_of(server.report, "machine"));
	assert_int_equal(strlen(first), 64);
	assert_null(strstr(first, "0123456789abcdef"));
	send_report(fixture);
	assert_string_equal(text_of(server.report, "machine"), first);
	folder_put(&fixture->folder, "machine-id", "fedcba9876543210fedcba9876543210\n", 33);
	send_report(fixture);
	assert_string_not_equal(text_of(server.report, "machine"), first);
	json_decref(server.report);
}

TESTS(agent_fixture_setup, agent_fixture_teardown)
