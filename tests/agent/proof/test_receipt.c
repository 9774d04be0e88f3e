/* Receipts: what the terminal believes, what it keeps, and what it finds by them afterwards. */
#include <fcntl.h>
#include <stdio.h>

#include <sqlite3.h>

#include "agent/proof/receipt.h"
#include "agent/proof/terminal_key.h"
#include "agent/store/history.h"
#include "ledger/proof/growth_proof.h"
#include "ledger/proof/signed_report.h"
#include "ledger/proof/tlog_proof.h"
#include "tests/agent/agent_fixture.h"
#include "tests/ledger/ledger_fixture.h"
#include "tests/support/test.h"

/* A ledger in which the terminal's report is one of two entries. */
struct ledger {
	struct party log;
	struct buf report;
	struct buf proof;
	struct buf growth;
};

static void put_policy(struct agent_fixture *fixture, const struct party *log)
{
	AUTO(buf) struct buf text = BUF_INIT(4096);
	struct error err = {0};
	AUTO(fd) int fd = fs_open_dir(&fixture->fs, AT_FDCWD, fixture->config.environment_path, &err);

	assert_ok(buf_printf(&text, &err, "log "), &err);
	assert_ok(vkey_write(&log->key, &text, &err), &err);
	assert_ok(buf_printf(&text, &err, "\nquorum none\n"), &err);
	assert_ok(fs_write_file(&fixture->fs, fd, RECEIPT_POLICY_FILE, text.data, text.len, 0644, &err), &err);
}

/* A report of the history as it is, sealed as the terminal seals it; certificates are another matter. */
static void make_report(struct agent_fixture *fixture, int number, struct buf *ret_report)
{
	struct error err = {0};
	AUTO(signer) struct signer *signer = terminal_key_load(&fixture->terminal, &err);
	AUTO(json) json_t *report = NULL;
	struct history_chain head;

	assert_non_null(signer);
	assert_ok(history_head(fixture->terminal.store, &head, &err), &err);
	report = json_pack("{s:s, s:s, s:i, s:s, s:{s:I, s:s, s:o}, s:{s:s, s:s}}", "form", SIGNED_REPORT_FORM,
		"terminal", signer_key_id(signer), "number", number, "made", "2026-01-20T20:00:00Z", "history",
		"rows", (json_int_t)head.number, "head", head.digest, "key", signer_public_key(signer, &err),
		"certificate", "chain", "", "signature", "");
	assert_non_null(report);
	assert_ok(signed_report_sign(report, signer, &err), &err);
	buf_empty(ret_report);
	assert_ok(json_write(report, ret_report, &err), &err);
}

/* The proof of the report as entry 0 of a ledger of SIZE entries, whose others are those of the fixture from OTHERS on. */
static void prove(struct ledger *ledger, uint64_t size, uint64_t others)
{
	AUTO(signed_report) struct signed_report read = {0};
	AUTO(buf) struct buf entry = BUF_INIT(1024), note = BUF_INIT(NOTE_MAX_BYTES);
	struct checkpoint checkpoint = {.origin = "ledger.example.jp/1", .size = size};
	struct tlog_proof proof = {.index = 0, .path = {.count = size - 1}};
	struct error err = {0};

	assert_ok(signed_report_read(span_of(&ledger->report), &read, &err), &err);
	assert_ok(ledger_entry_write(&read.entry, &entry, &err), &err);
	assert_ok(merkle_leaf(entry.data, entry.len, &checkpoint.root, &err), &err);
	if (size == 2) {
		fixture_leaf(others, &proof.path.hashes[0]);
		merkle_node(&checkpoint.root, &proof.path.hashes[0], &checkpoint.root);
	}
	assert_ok(checkpoint_sign(&checkpoint, &ledger->log.key, ledger->log.signer, &note, &err), &err);
	proof.checkpoint = span_of(&note);
	buf_empty(&ledger->proof);
	assert_ok(tlog_proof_write(&proof, &ledger->proof, &err), &err);
}

static void add_row(struct agent_fixture *fixture, const char *operation)
{
	struct history_entry entry = {.operation = operation, .outcome = "done"};
	struct error err = {0};

	assert_ok(history_add(fixture->terminal.store, &entry, &err), &err);
}

static void begin(struct agent_fixture *fixture, struct ledger *ledger)
{
	*ledger = (struct ledger){.report = BUF_INIT(SIGNED_REPORT_MAX_BYTES),
		.proof = BUF_INIT(TLOG_PROOF_MAX_BYTES),
		.growth = BUF_INIT(4096)};
	party_init(&ledger->log, "ledger.example.jp/1", VKEY_NOTE);
	put_policy(fixture, &ledger->log);
	add_row(fixture, "check");
	make_report(fixture, 1, &ledger->report);
	prove(ledger, 2, 1);
}

static void end(struct ledger *ledger)
{
	party_clear(&ledger->log);
	buf_clear(&ledger->report);
	buf_clear(&ledger->proof);
	buf_clear(&ledger->growth);
}

static int take(struct agent_fixture *fixture, const struct ledger *ledger, struct error *err)
{
	const struct receipt_answer answer = {.proof = buf_text(&ledger->proof),
		.growth = ledger->growth.len > 0 ? buf_text(&ledger->growth) : NULL};

	return receipt_take(&fixture->terminal, &ledger->report, &answer, err);
}

static int keep_last(void *context, const struct history_row *row, struct error *err)
{
	(void)err;
	*(struct history_row *)context = *row;
	return 0;
}

/* The newest row of that operation; its outcome is "" where there is none. */
static struct history_row newest(struct agent_fixture *fixture, const char *operation)
{
	struct history_filter filter = {.operation = operation};
	struct history_row row = {0};
	struct error err = {0};

	assert_ok(history_each(fixture->terminal.store, &filter, keep_last, &row, &err), &err);
	return row;
}

static void read_state(struct agent_fixture *fixture, const char *name, struct buf *ret_bytes)
{
	struct error err = {0};
	AUTO(fd) int fd = fs_open_dir(&fixture->fs, AT_FDCWD, fixture->config.state_path, &err);

	assert_ok(fs_read_file(&fixture->fs, fd, name, ret_bytes, &err), &err);
}

static void write_state(struct agent_fixture *fixture, const char *name, const struct buf *bytes)
{
	struct error err = {0};
	AUTO(fd) int fd = fs_open_dir(&fixture->fs, AT_FDCWD, fixture->config.state_path, &err);

	assert_ok(fs_write_file(&fixture->fs, fd, name, bytes->data, bytes->len, 0600, &err), &err);
}

TEST_CASE(test_a_receipt_that_holds_becomes_a_row_of_the_history)
{
	struct agent_fixture *fixture = *state;
	struct ledger ledger;
	struct error err = {0};

	begin(fixture, &ledger);
	assert_ok(take(fixture, &ledger, &err), &err);
	assert_string_equal(newest(fixture, "receipt").outcome, "done");
	assert_string_equal(newest(fixture, "receipt").detail, "entry 0 of 2 in ledger.example.jp/1");
	assert_ok(receipt_verify(&fixture->terminal, &err), &err);
	end(&ledger);
}

TEST_CASE(test_no_receipt_is_asked_for_where_the_operator_names_no_ledger)
{
	struct agent_fixture *fixture = *state;
	struct ledger ledger;
	struct error err = {0};
	AUTO(fd) int fd = -1;

	begin(fixture, &ledger);
	fd = fs_open_dir(&fixture->fs, AT_FDCWD, fixture->config.environment_path, &err);
	assert_ok(fs_remove(&fixture->fs, fd, RECEIPT_POLICY_FILE, &err), &err);
	assert_ok(take(fixture, &ledger, &err), &err);
	assert_string_equal(newest(fixture, "receipt").outcome, "");
	end(&ledger);
}

TEST_CASE(test_a_ledger_of_the_collectors_own_choice_is_refused_and_recorded)
{
	struct agent_fixture *fixture = *state;
	struct ledger ledger;
	struct error err = {0};
	struct party other;

	begin(fixture, &ledger);
	party_init(&other, "ledger.example.jp/1", VKEY_NOTE);
	put_policy(fixture, &other);
	assert_int_equal(take(fixture, &ledger, &err), -1);
	assert_error(&err, ERROR_REFUSED, "has not signed");
	assert_string_equal(newest(fixture, "receipt").outcome, "refused");
	party_clear(&other);
	end(&ledger);
}

TEST_CASE(test_the_receipt_of_another_report_is_refused)
{
	struct agent_fixture *fixture = *state;
	struct ledger ledger;
	struct error err = {0};

	begin(fixture, &ledger);
	make_report(fixture, 2, &ledger.report);
	assert_int_equal(take(fixture, &ledger, &err), -1);
	assert_error(&err, ERROR_REFUSED, "does not lead to the root");
	end(&ledger);
}

TEST_CASE(test_a_ledger_that_went_back_or_contradicts_itself_is_refused)
{
	struct agent_fixture *fixture = *state;
	struct ledger ledger;
	struct error err = {0};

	begin(fixture, &ledger);
	assert_ok(take(fixture, &ledger, &err), &err);
	prove(&ledger, 1, 0);
	assert_int_equal(take(fixture, &ledger, &err), -1);
	assert_error(&err, ERROR_REFUSED, "the ledger went back: it had 2 entries, and shows 1");
	prove(&ledger, 2, 7);
	assert_int_equal(take(fixture, &ledger, &err), -1);
	assert_error(&err, ERROR_REFUSED, "two trees of 2 entries");
	assert_ok(receipt_verify(&fixture->terminal, &err), &err);
	end(&ledger);
}

/* Witnesses would see to it; here the terminal does. */
TEST_CASE(test_where_no_witness_is_asked_for_the_ledger_must_prove_that_it_grew)
{
	struct agent_fixture *fixture = *state;
	struct growth_proof growth = {.old_size = 1, .path = {.count = 1}};
	struct ledger ledger;
	struct error err = {0};

	begin(fixture, &ledger);
	prove(&ledger, 1, 0);
	assert_ok(take(fixture, &ledger, &err), &err);
	prove(&ledger, 2, 1);
	assert_int_equal(take(fixture, &ledger, &err), -1);
	assert_error(&err, ERROR_REFUSED, "does not prove that it only grew since it had 1 entries");
	fixture_leaf(2, &growth.path.hashes[0]);
	assert_ok(growth_proof_write(&growth, &ledger.growth, &err), &err);
	assert_int_equal(take(fixture, &ledger, &err), -1);
	assert_int_equal(err.code, ERROR_REFUSED);
	buf_empty(&ledger.growth);
	fixture_leaf(1, &growth.path.hashes[0]);
	assert_ok(growth_proof_write(&growth, &ledger.growth, &err), &err);
	assert_ok(take(fixture, &ledger, &err), &err);
	assert_string_equal(newest(fixture, "receipt").detail, "entry 0 of 2 in ledger.example.jp/1");
	end(&ledger);
}

TEST_CASE(test_a_kept_receipt_is_judged_by_the_policy_of_its_time)
{
	struct agent_fixture *fixture = *state;
	struct ledger ledger;
	struct receipt seen;
	struct error err = {0};
	struct party other;
	bool found;

	begin(fixture, &ledger);
	assert_ok(take(fixture, &ledger, &err), &err);
	assert_ok(receipt_find(&fixture->terminal, &seen, &found, &err), &err);
	assert_true(found && seen.checkpoint.size == 2);
	party_init(&other, "ledger.example.jp/2", VKEY_NOTE);
	put_policy(fixture, &other);
	assert_ok(receipt_verify(&fixture->terminal, &err), &err);
	assert_ok(receipt_find(&fixture->terminal, &seen, &found, &err), &err);
	assert_false(found); /* it is no measure for another ledger */
	party_clear(&other);
	end(&ledger);
}

/* The operator exchanges the ledger's key, or a witness: what was proven before stays proven. */
TEST_CASE(test_a_policy_with_another_key_lets_no_ledger_go_back)
{
	struct agent_fixture *fixture = *state;
	struct ledger ledger;
	struct receipt seen;
	struct error err = {0};
	struct party former;
	bool found;

	begin(fixture, &ledger);
	assert_ok(take(fixture, &ledger, &err), &err);
	former = ledger.log;
	party_init(&ledger.log, "ledger.example.jp/1", VKEY_NOTE);
	put_policy(fixture, &ledger.log);
	assert_ok(receipt_find(&fixture->terminal, &seen, &found, &err), &err);
	assert_true(found && seen.checkpoint.size == 2);
	prove(&ledger, 1, 0);
	assert_int_equal(take(fixture, &ledger, &err), -1);
	assert_error(&err, ERROR_REFUSED, "the ledger went back: it had 2 entries, and shows 1");
	prove(&ledger, 2, 7);
	assert_int_equal(take(fixture, &ledger, &err), -1);
	assert_error(&err, ERROR_REFUSED, "two trees of 2 entries");
	prove(&ledger, 2, 1);
	assert_ok(take(fixture, &ledger, &err), &err);
	party_clear(&former);
	end(&ledger);
}

/* A good one, proved by the operator's ledger: it says nothing of this terminal. */
TEST_CASE(test_the_receipt_of_another_terminal_is_none_of_ours)
{
	struct agent_fixture *fixture = *state, *other;
	AUTO(buf) struct buf receipt = BUF_INIT(65536);
	struct ledger ledger;
	struct error err = {0};
	void *made;

	assert_int_equal(agent_fixture_setup(&made), 0);
	other = made;
	begin(other, &ledger);
	assert_ok(take(other, &ledger, &err), &err);
	read_state(other, "receipt.json", &receipt);
	add_row(fixture, "check");
	put_policy(fixture, &ledger.log);
	write_state(fixture, "receipt.json", &receipt);
	assert_int_equal(receipt_verify(&fixture->terminal, &err), -1);
	assert_error(&err, ERROR_DAMAGED, "it is another terminal's");
	end(&ledger);
	assert_int_equal(agent_fixture_teardown(&made), 0);
}

/* By somebody who is root and knows SQLite. */
static void forget_history(struct agent_fixture *fixture)
{
	char path[2 * FOLDER_PATH_SIZE];
	sqlite3 *handle = NULL;

	(void)snprintf(path, sizeof(path), "%s/state.db", fixture->config.state_path);
	assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
	assert_int_equal(sqlite3_exec(handle,
				 "DROP TRIGGER history_is_never_shortened; DROP TRIGGER history_goes_on_at_its_end; "
				 "DELETE FROM history",
				 NULL, NULL, NULL),
		SQLITE_OK);
	assert_int_equal(sqlite3_close(handle), SQLITE_OK);
}

/* The store is made anew, as whoever is root may do, and grows again: the terminal's own key signs all of it. */
TEST_CASE(test_finds_a_history_that_was_rewritten_after_a_receipt)
{
	struct agent_fixture *fixture = *state;
	struct ledger ledger;
	struct error err = {0};

	begin(fixture, &ledger);
	assert_ok(take(fixture, &ledger, &err), &err);
	forget_history(fixture);
	assert_int_equal(receipt_verify(&fixture->terminal, &err), -1);
	assert_error(&err, ERROR_DAMAGED, "the end was cut off");
	for (int i = 0; i < 5; i++)
		add_row(fixture, "enable");
	assert_int_equal(receipt_verify(&fixture->terminal, &err), -1);
	assert_error(&err, ERROR_DAMAGED, "the ledger proves another history (entry 0 of ledger.example.jp/1)");
	assert_error(&err, ERROR_DAMAGED, "rewritten");
	end(&ledger);
}

TESTS(agent_fixture_setup, agent_fixture_teardown)
