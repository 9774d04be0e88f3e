/* Delivery certificates: one that holds, and one in which each part was exchanged, checked by the real program. */
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/clock.h"
#include "common/json.h"
#include "ledger/note/cosignature.h"
#include "ledger/proof/signed_report.h"
#include "ledger/proof/terminal_certificate.h"
#include "ledger/proof/tlog_proof.h"
#include "tests/ledger/ledger_fixture.h"
#include "tests/support/pki.h"
#include "tests/support/program.h"
#include "tests/support/tuf_repository.h"

#define RELEASE "face-library/face-library-5.1.0.json"
#define RELEASE_TEXT "{\"a release\":1}"
#define MADE "2026-01-20T20:00:00Z"

/* Everybody who has a part in a certificate. */
struct world {
	struct folder folder;
	struct pki pki;
	struct pki_pair client;
	struct tuf_repository repository;
	struct signer *terminal;
	struct party log, witness;
	const char *changed, *logged; /* when the terminal confirmed it, and when the witness cosigned */
	json_t *certificate;	      /* the file: change it, then check */
	char output[8192];
};

static json_t *delivery_json(const struct world *world, const char *state)
{
	struct sha256 digest;
	char hex[SHA256_HEX_SIZE];

	sha256_of(RELEASE_TEXT, strlen(RELEASE_TEXT), &digest);
	return json_pack("{s:s, s:s, s:s, s:s, s:s}", "package", "face-library", "version", "5.1.0", "state", state,
		"changed", world->changed, "digest", sha256_hex(&digest, hex));
}

/* Signed by the terminal, with the certificate's word for it. */
static char *report_text(struct world *world, const char *state)
{
	AUTO(buf) struct buf vouch = BUF_INIT(8192);
	struct buf key = {.data = world->client.key_pem, .len = strlen(world->client.key_pem)};
	const char *id = signer_key_id(world->terminal);
	struct error err = {0};
	char head[SHA256_HEX_SIZE];
	AUTO(json) json_t *report = NULL;

	memset(head, 'c', sizeof(head) - 1);
	head[sizeof(head) - 1] = '\0';
	assert_ok(terminal_certificate_vouch(&key, id, &vouch, &err), &err);
	report = json_pack("{s:s, s:s, s:i, s:s, s:[o], s:{s:i, s:s, s:o}, s:{s:s, s:s}}", "form", SIGNED_REPORT_FORM,
		"terminal", id, "number", 7, "made", MADE, "deliveries", delivery_json(world, state), "history",
		"rows", 120, "head", head, "key", signer_public_key(world->terminal, &err), "certificate", "chain",
		world->client.pem, "signature", buf_text(&vouch));
	assert_non_null(report);
	assert_ok(signed_report_sign(report, world->terminal, &err), &err);
	return json_dumps(report, JSON_COMPACT);
}

/* The proof of the report as the only entry of a log, cosigned by the witness. */
static json_t *proof_json(struct world *world, const char *report)
{
	AUTO(buf) struct buf entry = BUF_INIT(1024);
	AUTO(buf)
	struct buf note = BUF_INIT(NOTE_MAX_BYTES), text = BUF_INIT(1024), proof = BUF_INIT(TLOG_PROOF_MAX_BYTES);
	AUTO(signed_report) struct signed_report read = {0};
	struct checkpoint checkpoint = {.origin = "log.example/1", .size = 1};
	struct tlog_proof made = {.index = 0};
	struct error err = {0};
	int64_t logged_s = 0;

	assert_ok(clock_parse(world->logged, &logged_s, &err), &err);
	assert_ok(signed_report_read(SPAN(report), &read, &err), &err);
	assert_ok(ledger_entry_write(&read.entry, &entry, &err), &err);
	assert_ok(merkle_leaf(entry.data, entry.len, &checkpoint.root, &err), &err);
	assert_ok(checkpoint_write(&checkpoint, &text, &err), &err);
	assert_ok(checkpoint_sign(&checkpoint, &world->log.key, world->log.signer, &note, &err), &err);
	assert_ok(cosignature_sign(span_of(&text), logged_s, &world->witness.key, world->witness.signer, &note, &err),
		&err);
	made.checkpoint = span_of(&note);
	assert_ok(tlog_proof_write(&made, &proof, &err), &err);
	return json_string(buf_text(&proof));
}

/* All metadata that is served, as text. */
static json_t *metadata_json(struct world *world)
{
	json_t *metadata = json_object();
	const char *name;
	json_t *value;

	json_object_foreach (world->repository.files, name, value) {
		AUTO(free) char *bytes = NULL;
		size_t len;

		if (strncmp(name, "metadata/", 9) != 0)
			continue;
		bytes = tuf_repository_bytes(&world->repository, name, &len);
		assert_int_equal(json_object_set_new(metadata, name + 9, json_stringn(bytes, len)), 0);
	}
	return metadata;
}

static json_t *certificate_json(struct world *world, const char *state)
{
	AUTO(free) char *report = report_text(world, state);

	return json_pack("{s:s, s:s, s:s, s:o, s:s, s:o}", "form", "haishin-delivery-certificate-1", "package",
		"face-library", "version", "5.1.0", "proof", proof_json(world, report), "report", report, "metadata",
		metadata_json(world));
}

static void put_policy(struct world *world)
{
	AUTO(buf) struct buf text = BUF_INIT(4096);
	struct error err = {0};

	assert_ok(buf_printf(&text, &err, "log "), &err);
	assert_ok(vkey_write(&world->log.key, &text, &err), &err);
	assert_ok(buf_printf(&text, &err, "\nwitness W1 "), &err);
	assert_ok(vkey_write(&world->witness.key, &text, &err), &err);
	assert_ok(buf_printf(&text, &err, "\nquorum W1\n"), &err);
	folder_put(&world->folder, "policy", text.data, text.len);
}

static int set_up(void **state)
{
	static struct world world; /* one test at a time */
	AUTO(free) char *root = NULL;
	struct error err = {0};
	int64_t made_s = 0;
	size_t len;

	world = (struct world){.changed = "2026-01-20T08:31:00Z", .logged = "2026-01-20T20:14:09Z"};
	folder_init(&world.folder);
	assert_ok(clock_parse(MADE, &made_s, &err), &err);
	pki_init(&world.pki, "authority");
	pki_issue_client(&world.pki, &world.client, "terminal 1312345678", made_s - 86400, made_s + 86400);
	tuf_repository_init(&world.repository);
	tuf_repository_delegate(&world.repository, "targets", "face-library", "face-library/*", true);
	tuf_repository_add_target(&world.repository, "face-library", RELEASE, RELEASE_TEXT);
	tuf_repository_bump(&world.repository, "face-library");
	tuf_repository_bump_targets(&world.repository);
	root = tuf_repository_bytes(&world.repository, "metadata/1.root.json", &len);
	folder_put(&world.folder, "root.json", root, len);
	folder_put(&world.folder, "ca.pem", world.pki.ca_pem, strlen(world.pki.ca_pem));
	world.terminal = signer_generate(KEY_ED25519, &err);
	party_init(&world.log, "log.example/1", VKEY_NOTE);
	party_init(&world.witness, "witness.example/w1", VKEY_COSIGNATURE);
	put_policy(&world);
	world.certificate = certificate_json(&world, "confirmed");
	*state = &world;
	return 0;
}

static int tear_down(void **state)
{
	struct world *world = *state;

	json_decref(world->certificate);
	party_clear(&world->log);
	party_clear(&world->witness);
	signer_free(world->terminal);
	tuf_repository_clear(&world->repository);
	pki_pair_clear(&world->client);
	pki_clear(&world->pki);
	folder_clear(&world->folder);
	return 0;
}

/* Its exit status; what it said is in world->output. */
static int audit(struct world *world)
{
	AUTO(buf) struct buf text = BUF_INIT(1 << 22);
	char paths[4][FOLDER_PATH_SIZE + 32];
	const char *const names[] = {"certificate.json", "policy", "root.json", "ca.pem"};
	struct program program;
	struct error err = {0};

	assert_ok(json_write(world->certificate, &text, &err), &err);
	folder_put(&world->folder, "certificate.json", text.data, text.len);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		(void)snprintf(paths[i], sizeof(paths[i]), "%s/%s", world->folder.path, names[i]);
	program_start(&program,
		(const char *const[]){HAISHIN_AUDIT, "delivery", paths[0], "--policy", paths[1], "--root", paths[2],
			"--ca", paths[3], NULL},
		-1);
	return program_wait(&program, world->output, sizeof(world->output));
}

static void assert_says(struct world *world, const char *text)
{
	if (!strstr(world->output, text))
		fail_msg("does not say '%s': %s", text, world->output);
}

/* The certificate is not accepted, for this reason and no other. */
static void assert_refused(struct world *world, const char *title, const char *why)
{
	int status = audit(world);
	const char *first;

	if (status != 1)
		fail_msg("ended with %d: %s", status, world->output);
	assert_says(world, "is not proven by this certificate");
	assert_says(world, title);
	assert_says(world, why);
	first = strstr(world->output, "\n- ");
	assert_non_null(first);
	if (strstr(first + 1, "\n- "))
		fail_msg("more than one finding: %s", world->output);
}

TEST_CASE(test_says_who_ran_what_from_when_on_and_who_vouches_for_it)
{
	struct world *world = *state;

	if (audit(world) != 0)
		fail_msg("%s", world->output);
	assert_says(world, "institution 1312345678 ran face-library 5.1.0 from 2026-01-20T08:31:00Z on");
	assert_says(world, "signed by the role face-library");
	assert_says(world, "entry 0 of log.example/1 before 2026-01-20T20:14:09Z (witnesses: W1)");
}

TEST_CASE(test_a_report_that_was_altered)
{
	struct world *world = *state;
	char *text = strdup(json_string_value(json_object_get(world->certificate, "report")));
	char *number = strstr(text, "\"number\":7");

	assert_non_null(number);
	number[strlen("\"number\":")] = '8';
	assert_int_equal(json_object_set_new(world->certificate, "report", json_string(text)), 0);
	free(text);
	assert_refused(world, "not what a terminal signed", "signature does not hold");
}

/* Signed whole by a terminal, but by another than the one whose report is logged. */
TEST_CASE(test_a_report_of_another_terminal)
{
	struct world *world = *state;
	AUTO(free) char *report = NULL;
	struct error err = {0};

	signer_free(world->terminal);
	world->terminal = signer_generate(KEY_ED25519, &err);
	report = report_text(world, "confirmed");
	assert_int_equal(json_object_set_new(world->certificate, "report", json_string(report)), 0);
	assert_refused(world, "not proven that the report was logged", "does not lead to the root");
}

TEST_CASE(test_a_delivery_that_was_not_confirmed)
{
	struct world *world = *state;

	json_decref(world->certificate);
	world->certificate = certificate_json(world, "rolled-back");
	assert_refused(world, "does not say that this delivery was confirmed", "face-library 5.1.0");
}

TEST_CASE(test_a_client_certificate_of_another_authority)
{
	struct world *world = *state;
	struct pki other;

	pki_init(&other, "another");
	folder_put(&world->folder, "ca.pem", other.ca_pem, strlen(other.ca_pem));
	assert_refused(world, "does not vouch for it", "the client certificate: ");
	pki_clear(&other);
}

/* Whoever has somebody's certificate, but not its key. */
TEST_CASE(test_a_client_certificate_that_names_another_institution)
{
	struct world *world = *state;
	char *own_key = world->client.key_pem;
	struct pki_pair other;

	pki_issue_client(&world->pki, &other, "terminal 9999999999", pki_yesterday(), pki_next_year());
	world->client.key_pem = other.key_pem; /* the one signs, the other is shown */
	json_decref(world->certificate);
	world->certificate = certificate_json(world, "confirmed");
	world->client.key_pem = own_key;
	assert_refused(world, "does not vouch for it", "has not vouched for this terminal's key");
	pki_pair_clear(&other);
}

TEST_CASE(test_a_client_certificate_that_had_ended)
{
	struct world *world = *state;

	pki_pair_clear(&world->client);
	pki_issue_client(&world->pki, &world->client, "1312345678", TUF_NOW_S - 86400, TUF_NOW_S);
	json_decref(world->certificate);
	world->certificate = certificate_json(world, "confirmed");
	assert_refused(world, "does not vouch for it", "expired");
}

TEST_CASE(test_a_log_that_no_witness_has_cosigned)
{
	struct world *world = *state;
	char *text = strdup(json_string_value(json_object_get(world->certificate, "proof")));
	char *last = strstr(text, "\xe2\x80\x94 witness.example");

	assert_non_null(last);
	*last = '\0';
	assert_int_equal(json_object_set_new(world->certificate, "proof", json_string(text)), 0);
	free(text);
	assert_refused(world, "not proven that the report was logged", "missing: W1");
}

TEST_CASE(test_a_log_of_the_collectors_own_choice)
{
	struct world *world = *state;
	struct party other;

	party_init(&other, "log.example/1", VKEY_NOTE);
	party_clear(&world->log);
	world->log = other;
	json_decref(world->certificate);
	world->certificate = certificate_json(world, "confirmed");
	assert_refused(world, "not proven that the report was logged", "has not signed");
}

/* The vendor's role signs another release under that name. */
TEST_CASE(test_a_release_that_its_vendor_did_not_sign)
{
	struct world *world = *state;

	tuf_repository_add_target(&world->repository, "face-library", RELEASE, "{\"another\":1}");
	tuf_repository_bump(&world->repository, "face-library");
	tuf_repository_bump_targets(&world->repository);
	assert_int_equal(json_object_set_new(world->certificate, "metadata", metadata_json(world)), 0);
	assert_refused(world, "what its vendor signed", "the terminal ran");
}

TEST_CASE(test_metadata_under_another_root)
{
	struct world *world = *state;
	struct tuf_repository other;
	AUTO(free) char *root = NULL;
	size_t len;

	tuf_repository_init(&other);
	root = tuf_repository_bytes(&other, "metadata/1.root.json", &len);
	folder_put(&world->folder, "root.json", root, len);
	assert_refused(world, "what its vendor signed", "");
	tuf_repository_clear(&other);
}

TEST_CASE(test_metadata_that_are_missing)
{
	struct world *world = *state;

	assert_int_equal(json_object_clear(json_object_get(world->certificate, "metadata")), 0);
	assert_refused(world, "what its vendor signed", "lacks 'timestamp.json'");
}

TEST_CASE(test_times_that_contradict_each_other)
{
	struct world *world = *state;

	json_decref(world->certificate);
	world->changed = "2026-01-22T08:31:00Z";
	world->certificate = certificate_json(world, "confirmed");
	assert_refused(world, "times in it contradict", "confirmed at 2026-01-22T08:31:00Z, in a report of " MADE);
	json_decref(world->certificate);
	world->changed = "2026-01-20T08:31:00Z";
	world->logged = "1970-01-01T00:00:00Z"; /* by a witness without a clock */
	world->certificate = certificate_json(world, "confirmed");
	assert_refused(world, "times in it contradict", "a report of " MADE ", logged before 1970-01-01T00:00:00Z");
}

/* Each letter of a report and of a proof vouches for something. */
TEST_CASE(test_report_and_proof_hold_to_the_letter)
{
	static const char *const parts[] = {"report", "proof"};
	struct world *world = *state;

	for (size_t part = 0; part < ARRAY_SIZE(parts); part++) {
		AUTO(free) char *text = strdup(json_string_value(json_object_get(world->certificate, parts[part])));
		AUTO(json) json_t *whole = json_string(text);
		size_t len = strlen(text);

		for (size_t at = part; at < len; at += len / 40) {
			char was = text[at];

			text[at] = was == 'A' ? 'B' : 'A';
			assert_int_equal(json_object_set_new(world->certificate, parts[part], json_string(text)), 0);
			if (audit(world) != 1)
				fail_msg("byte %zu of the %s: %s", at, parts[part], world->output);
			text[at] = was;
		}
		assert_int_equal(json_object_set(world->certificate, parts[part], whole), 0);
	}
	assert_int_equal(audit(world), 0);
}

TEST_CASE(test_a_certificate_that_claims_more_than_the_terminal_said)
{
	static const struct {
		const char *member, *claim, *why;
	} rows[] = {
		{"version", "5.1.1", "does not say that this delivery was confirmed"},
		{"package", "reader-app", "does not say that this delivery was confirmed"},
		{"version", "5.1\n", "version"},
		{"package", "../face-library", "package"},
		{"form", "haishin-delivery-certificate-2", "is not haishin-delivery-certificate-1"},
	};
	struct world *world = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(json) json_t *was = json_incref(json_object_get(world->certificate, rows[i].member));

		assert_int_equal(
			json_object_set_new(world->certificate, rows[i].member, json_string(rows[i].claim)), 0);
		assert_int_equal(audit(world), 1);
		assert_says(world, rows[i].why);
		assert_int_equal(json_object_set(world->certificate, rows[i].member, was), 0);
	}
}

/* Whoever made the file speaks to no terminal through us. */
TEST_CASE(test_nothing_in_a_file_acts_on_the_terminal)
{
	struct world *world = *state;

	assert_int_equal(json_object_set_new(world->certificate, "form", json_string("\x1b[2Jform")), 0);
	assert_int_equal(audit(world), 1);
	assert_says(world, "?[2Jform");
	assert_null(strchr(world->output, '\x1b'));
}

TEST_CASE(test_what_is_no_certificate_is_said_so)
{
	struct world *world = *state;

	assert_int_equal(json_object_del(world->certificate, "proof"), 0);
	assert_int_equal(audit(world), 1);
	assert_says(world, "not a delivery certificate: member 'proof' is missing");
}

TESTS(set_up, tear_down)
