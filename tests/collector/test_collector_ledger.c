/* The ledger that haishin-collector writes: what it answers is logged, whatever happens. Proofs are checked by the
 * library, the whole ledger by haishin-audit. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fs.h"
#include "ledger/proof/ledger_entry.h"
#include "ledger/proof/policy.h"
#include "ledger/proof/tlog_proof.h"
#include "tests/collector/collector_fixture.h"
#include "tests/support/test.h"

#define ORIGIN "ledger.example.jp/1"

struct ledger {
	struct collector collector;
	char policy[1200];
	struct ask_answer answer;
};

static void put_secret(struct ledger *ledger, const char *name, const struct buf *secret)
{
	folder_put(&ledger->collector.folder, name, secret->data, secret->len);
	assert_int_equal(fchmodat(ledger->collector.folder.fd, name, 0600, 0), 0);
}

/* Writes the key that signs, under PASSPHRASE where that is not NULL, and has the collector make an empty ledger; what it prints
 * becomes the policy. */
static void begin_ledger(struct ledger *ledger, const char *passphrase)
{
	AUTO(signer) struct signer *signer = signer_generate(KEY_ED25519, NULL);
	AUTO(buf) struct buf pem = BUF_INIT(4096), secret = BUF_INIT(64);
	char conf[600], output[2048];
	const char *argv[] = {HAISHIN_COLLECTOR, "--config", conf, "--begin-ledger", NULL}, *line = NULL;
	const char *at = ledger->collector.folder.path;
	struct program program;

	assert_int_equal(buf_printf(&secret, NULL, "%s", passphrase ? passphrase : ""), 0);
	assert_int_equal(signer_write(signer, passphrase ? &secret : NULL, &pem, NULL), 0);
	put_secret(ledger, "ledger.pem", &pem);
	put_secret(ledger, "passphrase", &secret);
	(void)snprintf(ledger->collector.more, sizeof(ledger->collector.more),
		"[reports]\nper_hour = 1000000\n[ledger]\nfolder = %s/ledger\norigin = " ORIGIN
		"\nkey = %s/ledger.pem\n%s%s%s",
		at, at, passphrase ? "passphrase = " : "", passphrase ? at : "", passphrase ? "/passphrase\n" : "");
	collector_put_settings(&ledger->collector);
	(void)snprintf(conf, sizeof(conf), "%s/collector.conf", at);
	program_start(&program, argv, -1);
	if (program_wait(&program, output, sizeof(output)) != 0 || !(line = strstr(output, "\nlog ")))
		fail_msg("%s", output);
	(void)snprintf(ledger->policy, sizeof(ledger->policy), "%squorum none\n", line + 1);
	folder_put(&ledger->collector.folder, "policy", ledger->policy, strlen(ledger->policy));
}

static int setup(void **state)
{
	struct ledger *ledger = calloc(1, sizeof(*ledger));

	collector_init(&ledger->collector);
	begin_ledger(ledger, NULL);
	*state = ledger;
	return 0;
}

static int setup_locked(void **state)
{
	struct ledger *ledger = calloc(1, sizeof(*ledger));

	collector_init(&ledger->collector);
	begin_ledger(ledger, "correct horse");
	*state = ledger;
	return 0;
}

static int setup_postgres(void **state)
{
	struct ledger *ledger = calloc(1, sizeof(*ledger));

	(void)postgres_number(&collector_postgres,
		"SET client_min_messages = warning; DROP SCHEMA public CASCADE; CREATE SCHEMA public; SELECT 1");
	collector_init(&ledger->collector);
	collector_use_postgres(&ledger->collector, &collector_postgres);
	begin_ledger(ledger, NULL);
	*state = ledger;
	return 0;
}

static int teardown(void **state)
{
	struct ledger *ledger = *state;

	ask_answer_clear(&ledger->answer);
	collector_clear(&ledger->collector);
	free(ledger);
	return 0;
}

/* 0 if PROOF shows that the report of these bytes is logged. */
static int check_proof(
	const struct ledger *ledger, const char *proof_text, const struct buf *report, struct error *err)
{
	AUTO(policy) struct policy *policy = policy_parse(SPAN(ledger->policy), err);
	AUTO(json) json_t *body = json_loads(buf_text(report), 0, NULL);
	AUTO(buf) struct buf bytes = BUF_INIT(LEDGER_ENTRY_MAX_BYTES);
	const json_t *history = json_object_get(body, "history");
	struct policy_verdict verdict;
	struct ledger_entry entry = {0};
	struct tlog_proof proof;

	(void)snprintf(
		entry.terminal, sizeof(entry.terminal), "%s", json_string_value(json_object_get(body, "terminal")));
	entry.report = json_integer_value(json_object_get(body, "number"));
	entry.rows = json_integer_value(json_object_get(history, "rows"));
	sha256_of(report->data, report->len, &entry.digest);
	if (!policy || sha256_parse(json_string_value(json_object_get(history, "head")), &entry.head, err) < 0 ||
		ledger_entry_write(&entry, &bytes, err) < 0 || tlog_proof_parse(SPAN(proof_text), &proof, err) < 0)
		return -1;
	return tlog_proof_check(&proof, (struct span){bytes.data, bytes.len}, policy, &verdict, err);
}

/* Sends a report, which must be taken; the proof in the answer, "" where there is none. */
static char *send(struct ledger *ledger, struct ask *ask, const struct buf *report)
{
	AUTO(json) json_t *answer = NULL;
	const char *proof;

	if (ask_for(ask, "/reports", report->data, report->len, &ledger->answer) != 200)
		fail_msg("%ld %s", ledger->answer.status, buf_text(&ledger->answer.body));
	answer = json_loads(buf_text(&ledger->answer.body), 0, NULL);
	proof = json_string_value(json_object_get(answer, "proof"));
	return strdup(proof ? proof : "");
}

/* haishin-audit finds nothing wrong, and so many entries. */
static void audit(const struct ledger *ledger, int64_t entries)
{
	char folder[600], policy[600], output[8192];
	const char *argv[] = {HAISHIN_AUDIT, "log", folder, "--policy", policy, "--json", NULL};
	AUTO(json) json_t *found = NULL;
	struct program program;
	int status;

	(void)snprintf(folder, sizeof(folder), "%s/ledger", ledger->collector.folder.path);
	(void)snprintf(policy, sizeof(policy), "%s/policy", ledger->collector.folder.path);
	program_start(&program, argv, -1);
	status = program_wait(&program, output, sizeof(output));
	if (status != 0)
		fail_msg("%d %s", status, output);
	found = json_loads(output, 0, NULL);
	if (json_integer_value(json_object_get(found, "size")) != entries)
		fail_msg("not %lld entries: %s", (long long)entries, output);
}

static void test_the_answer_proves_that_the_report_is_logged(void **state)
{
	AUTO(buf) struct buf report = BUF_INIT(65536);
	AUTO(buf) struct buf another = BUF_INIT(65536);
	struct ledger *ledger = *state;
	struct report_maker maker;
	struct error err = {0};
	struct ask *ask;

	report_maker_init(&maker, collector_now_s());
	report_maker_make(&maker, &another);
	collector_start(&ledger->collector);
	ask = collector_client(&ledger->collector, &ledger->collector.terminal);
	for (int i = 0; i < 5; i++) {
		AUTO(free) char *proof = NULL;

		report_maker_make(&maker, &report);
		proof = send(ledger, ask, &report);
		assert_ok(check_proof(ledger, proof, &report, &err), &err);
		assert_int_equal(check_proof(ledger, proof, &another, &err), -1);
	}
	collector_stop(&ledger->collector);
	audit(ledger, 5);
	ask_free(ask);
	report_maker_clear(&maker);
}

static void test_a_key_under_a_passphrase_signs_and_under_a_wrong_one_does_not(void **state)
{
	struct ledger *ledger = *state;
	char conf[600], output[2048];
	const char *argv[] = {HAISHIN_COLLECTOR, "--config", conf, "--check", NULL};
	struct program program;

	test_the_answer_proves_that_the_report_is_logged(state);
	folder_put(&ledger->collector.folder, "passphrase", "wrong", 5);
	(void)snprintf(conf, sizeof(conf), "%s/collector.conf", ledger->collector.folder.path);
	program_start(&program, argv, -1);
	assert_int_not_equal(program_wait(&program, output, sizeof(output)), 0);
	if (!strstr(output, "[ledger] key"))
		fail_msg("%s", output);
}

static void test_a_proof_and_the_files_are_fetched_later(void **state)
{
	AUTO(buf) struct buf report = BUF_INIT(65536);
	char hex[SHA256_HEX_SIZE], path[128];
	struct ledger *ledger = *state;
	struct report_maker maker;
	struct error err = {0};
	struct sha256 digest;
	struct ask *ask;

	report_maker_init(&maker, collector_now_s());
	report_maker_make(&maker, &report);
	sha256_of(report.data, report.len, &digest);
	(void)snprintf(path, sizeof(path), "/proofs/%s", sha256_hex(&digest, hex));
	collector_start(&ledger->collector);
	ask = collector_client(&ledger->collector, &ledger->collector.terminal);
	assert_int_equal(ask_for(ask, path, NULL, 0, &ledger->answer), 404);
	free(send(ledger, ask, &report));
	assert_int_equal(ask_for(ask, path, NULL, 0, &ledger->answer), 200);
	assert_ok(check_proof(ledger, buf_text(&ledger->answer.body), &report, &err), &err);
	assert_int_equal(ask_for(ask, "/ledger/checkpoint", NULL, 0, &ledger->answer), 200);
	assert_memory_equal(ledger->answer.body.data, ORIGIN "\n1\n", sizeof(ORIGIN "\n1\n") - 1);
	assert_int_equal(ask_for(ask, "/ledger/tile/0/000.p/1", NULL, 0, &ledger->answer), 200);
	assert_int_equal(ask_for(ask, "/ledger/checkpoint.newest", NULL, 0, &ledger->answer), 404);
	assert_int_equal(ask_for(ask, "/ledger/../ledger.pem", NULL, 0, &ledger->answer), 404);
	assert_int_equal(ask_for(ask, "/ledger/.lock", NULL, 0, &ledger->answer), 404);
	collector_stop(&ledger->collector);
	ask_free(ask);
	report_maker_clear(&maker);
}

/* ---- Power cuts ---- */

struct sender {
	struct ledger *ledger;
	struct report_maker maker;
	struct buf reports[4096]; /* those that were answered with a proof */
	char *proofs[4096];
	size_t answered;
};

/* A busy store is no cut: the sender comes again. */
static long send_patiently(struct ask *ask, const struct buf *report, struct ask_answer *answer)
{
	long status;

	do
		status = ask_for(ask, "/reports", report->data, report->len, answer);
	while (status == 503);
	return status;
}

static void *send_until_cut(void *context)
{
	struct sender *sender = context;
	struct ledger *ledger = sender->ledger;
	struct ask *ask = collector_client(&ledger->collector, &ledger->collector.terminal);
	struct ask_answer answer = {0};

	for (;;) {
		struct buf *report = &sender->reports[sender->answered];
		AUTO(json) json_t *told = NULL;

		report->limit = 65536;
		report_maker_make(&sender->maker, report);
		if (send_patiently(ask, report, &answer) != 200)
			break;
		told = json_loads(buf_text(&answer.body), 0, NULL);
		if (!json_is_string(json_object_get(told, "proof")))
			continue; /* the lease of the one that was killed has yet to run out */
		sender->proofs[sender->answered] = strdup(json_string_value(json_object_get(told, "proof")));
		(void)__atomic_add_fetch(&sender->answered, 1, __ATOMIC_RELEASE);
	}
	ask_answer_clear(&answer);
	ask_free(ask);
	return NULL;
}

static void cut(struct sender *sender, size_t more)
{
	size_t from = __atomic_load_n(&sender->answered, __ATOMIC_ACQUIRE);
	pthread_t thread;

	collector_start(&sender->ledger->collector);
	assert_int_equal(pthread_create(&thread, NULL, send_until_cut, sender), 0);
	while (__atomic_load_n(&sender->answered, __ATOMIC_ACQUIRE) < from + more)
		(void)usleep(1000);
	collector_kill(&sender->ledger->collector);
	assert_int_equal(pthread_join(thread, NULL), 0);
}

static void test_every_proof_holds_and_nothing_contradicts_after_cuts(void **state)
{
	struct sender *sender = calloc(1, sizeof(*sender));
	struct ledger *ledger = *state;
	struct error err = {0};
	int64_t logged;

	sender->ledger = ledger;
	report_maker_init(&sender->maker, collector_now_s());
	for (size_t i = 0; i < (ledger->collector.postgres ? 2 : 8); i++)
		cut(sender, 2 + i);
	/* Whatever was kept is logged in the end. */
	collector_start(&ledger->collector);
	while (collector_count(&ledger->collector, "SELECT count(*) FROM unlogged") > 0)
		(void)usleep(100000);
	collector_stop(&ledger->collector);
	for (size_t i = 0; i < sender->answered; i++)
		assert_ok(check_proof(ledger, sender->proofs[i], &sender->reports[i], &err), &err);
	logged = collector_count(&ledger->collector, "SELECT count(*) FROM logged");
	assert_int_equal(collector_count(&ledger->collector, "SELECT count(DISTINCT digest) FROM logged"), logged);
	assert_int_equal(collector_count(&ledger->collector, "SELECT count(*) FROM report"), logged);
	assert_int_equal(collector_count(&ledger->collector, "SELECT count(*) FROM unlogged"), 0);
	audit(ledger, logged);
	for (size_t i = 0; i <= sender->answered; i++) {
		buf_clear(&sender->reports[i]);
		free(sender->proofs[i]);
	}
	report_maker_clear(&sender->maker);
	free(sender);
}

/* ---- Two collectors, and old copies ---- */

/* Starts the collector, which must end by itself and say PART. */
static void assert_does_not_start(const struct collector *collector, const char *part)
{
	const char *conf = "collector.conf";
	char path[600], output[2048];
	const char *argv[] = {HAISHIN_COLLECTOR, "--config", path, NULL};
	struct program program;

	(void)snprintf(path, sizeof(path), "%s/%s", collector->folder.path, conf);
	program_start(&program, argv, -1);
	assert_int_not_equal(program_wait(&program, output, sizeof(output)), 0);
	if (!strstr(output, part))
		fail_msg("it says: %s", output);
}

static void test_a_second_collector_on_the_same_ledger_does_not_start(void **state)
{
	struct ledger *ledger = *state;
	struct collector second = ledger->collector;

	collector_start(&ledger->collector);
	(void)snprintf(second.store, sizeof(second.store), "%s/second.db", second.folder.path);
	collector_put_settings(&second);
	assert_does_not_start(&second, "only one may at a time, or it would contradict itself; stop one of them");
	collector_put_settings(&ledger->collector);
	collector_stop(&ledger->collector);
}

static void test_an_older_copy_of_the_ledger_is_noticed(void **state)
{
	AUTO(buf) struct buf report = BUF_INIT(65536);
	struct ledger *ledger = *state;
	struct report_maker maker;
	struct ask *ask;
	struct fs fs;

	fs_init(&fs);
	report_maker_init(&maker, collector_now_s());
	for (int i = 0; i < 2; i++) {
		char copy[1400];

		collector_start(&ledger->collector);
		ask = collector_client(&ledger->collector, &ledger->collector.terminal);
		report_maker_make(&maker, &report);
		free(send(ledger, ask, &report));
		ask_free(ask);
		collector_stop(&ledger->collector);
		(void)snprintf(copy, sizeof(copy),
			i ? "rm -r %s/ledger && mv %s/copy %s/ledger" : "cp -r %s/ledger %s/copy",
			ledger->collector.folder.path, ledger->collector.folder.path, ledger->collector.folder.path);
		assert_int_equal(system(copy), 0);
	}
	assert_does_not_start(&ledger->collector, "an older copy of its folder was put in its place");
	report_maker_clear(&maker);
}

static void test_two_collectors_on_one_database_write_one_ledger(void **state)
{
	AUTO(buf) struct buf report = BUF_INIT(65536);
	struct ledger *ledger = *state;
	struct collector second = ledger->collector;
	struct report_maker maker;
	struct error err = {0};
	struct ask *asks[2];

	report_maker_init(&maker, collector_now_s());
	collector_start(&ledger->collector);
	collector_start(&second);
	asks[0] = collector_client(&ledger->collector, &ledger->collector.terminal);
	asks[1] = collector_client(&second, &second.terminal);
	for (int i = 0; i < 6; i++) {
		char hex[SHA256_HEX_SIZE], path[128];
		AUTO(free) char *proof = NULL;
		struct sha256 digest;

		report_maker_make(&maker, &report);
		proof = send(ledger, asks[i % 2], &report);
		if (*proof) {
			assert_ok(check_proof(ledger, proof, &report, &err), &err);
			continue;
		}
		/* The one that does not write has no proof to give; the other has it. */
		sha256_of(report.data, report.len, &digest);
		(void)snprintf(path, sizeof(path), "/proofs/%s", sha256_hex(&digest, hex));
		assert_int_equal(ask_for(asks[(i + 1) % 2], path, NULL, 0, &ledger->answer), 200);
		assert_ok(check_proof(ledger, buf_text(&ledger->answer.body), &report, &err), &err);
	}
	collector_stop(&second);
	collector_stop(&ledger->collector);
	audit(ledger, 6);
	ask_free(asks[0]);
	ask_free(asks[1]);
	report_maker_clear(&maker);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_the_answer_proves_that_the_report_is_logged, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_the_answer_proves_that_the_report_is_logged, setup_postgres, teardown),
		cmocka_unit_test_setup_teardown(
			test_a_key_under_a_passphrase_signs_and_under_a_wrong_one_does_not, setup_locked, teardown),
		cmocka_unit_test_setup_teardown(test_a_proof_and_the_files_are_fetched_later, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_every_proof_holds_and_nothing_contradicts_after_cuts, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_every_proof_holds_and_nothing_contradicts_after_cuts, setup_postgres, teardown),
		cmocka_unit_test_setup_teardown(
			test_a_second_collector_on_the_same_ledger_does_not_start, setup, teardown),
		cmocka_unit_test_setup_teardown(test_an_older_copy_of_the_ledger_is_noticed, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_two_collectors_on_one_database_write_one_ledger, setup_postgres, teardown),
	};

	return cmocka_run_group_tests(tests, collector_postgres_begin, collector_postgres_end);
}
