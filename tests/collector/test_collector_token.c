/* The collector's keys in a token: a real PKCS#11 library (SoftHSM 2) behind the real program. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/proof/ledger_entry.h"
#include "ledger/proof/policy.h"
#include "ledger/proof/tlog_proof.h"
#include "tests/collector/collector_fixture.h"
#include "tests/support/test.h"

#define ORIGIN "ledger.example.jp/1"
#define ENROL "/.well-known/est/simpleenroll"

struct vault {
	struct collector collector;
	char output[8192]; /* of the last program */
	char policy[1200];
	struct ask_answer answer;
};

/* Runs a shell's line in the test's folder, where $MODULE is the token's library; its exit status. */
static int shell(struct vault *vault, const char *line)
{
	char script[2048];
	const char *argv[] = {"/bin/sh", "-c", script, NULL};
	struct program program;

	(void)snprintf(script, sizeof(script), "cd '%s' && umask 077 && %s", vault->collector.folder.path, line);
	program_start(&program, argv, -1);
	return program_wait(&program, vault->output, sizeof(vault->output));
}

#define assert_shell(vault, line)                                                                                    \
	do {                                                                                                         \
		if (shell((vault), (line)) != 0)                                                                     \
			fail_msg("%s: %s", (line), (vault)->output);                                                 \
	} while (0)

#define assert_said(vault, part)                                                                                     \
	do {                                                                                                         \
		if (!strstr((vault)->output, (part)))                                                                \
			fail_msg("expected '%s' in: %s", (part), (vault)->output);                                   \
	} while (0)

/* A key of that kind in the token, under NAME. */
static void new_key(struct vault *vault, const char *name, const char *kind)
{
	char line[512];

	(void)snprintf(line, sizeof(line),
		HAISHIN_REPO " key new %s --kind %s --keys keys --token \"pkcs11:token=Collector?module-path=$MODULE\" "
			     "--pin-file pin",
		name, kind);
	assert_shell(vault, line);
}

/* SoftHSM leaks the name of a curve for each Ed25519 key; what is ours is still looked at. */
static void look_past_softhsm(const struct folder *folder)
{
	static const char library[] = "leak:libsofthsm2.so\n";
	const char *options = getenv("ASAN_OPTIONS");
	char text[1024];

	folder_put(folder, "leaks", library, sizeof(library) - 1);
	(void)snprintf(text, sizeof(text), "suppressions=%s/leaks:print_suppressions=0", folder->path);
	(void)setenv("LSAN_OPTIONS", text, 1);
	if (options && strstr(options, "fast_unwind_on_malloc"))
		return;
	(void)snprintf(text, sizeof(text), "%s:fast_unwind_on_malloc=0", options ? options : "");
	(void)setenv("ASAN_OPTIONS", text, 1);
}

static int setup(void **state)
{
	struct vault *vault = calloc(1, sizeof(*vault));
	char path[600];

	collector_init(&vault->collector);
	look_past_softhsm(&vault->collector.folder);
	(void)snprintf(path, sizeof(path), "%s/softhsm2.conf", vault->collector.folder.path);
	(void)setenv("SOFTHSM2_CONF", path, 1);
	(void)setenv("MODULE", SOFTHSM_LIBRARY, 1);
	assert_shell(vault, "mkdir tokens && printf 'directories.tokendir = %s\\nobjectstore.backend = file\\n' "
			    "\"$PWD/tokens\" >softhsm2.conf && echo 1234 >pin && "
			    "softhsm2-util --init-token --free --label Collector --pin 1234 --so-pin 5678");
	*state = vault;
	return 0;
}

static int teardown(void **state)
{
	struct vault *vault = *state;

	ask_answer_clear(&vault->answer);
	collector_clear(&vault->collector);
	free(vault);
	return 0;
}

/* Adds "[SECTION]", "key = the URI of NAME" and "pin = FILE" to the settings, and MORE below. */
static void use_key(struct vault *vault, const char *section, const char *name, const char *more)
{
	size_t len = strlen(vault->collector.more);
	int written = snprintf(vault->collector.more + len, sizeof(vault->collector.more) - len,
		"[%s]\nkey = pkcs11:token=Collector;object=%s?module-path=" SOFTHSM_LIBRARY "\npin = %s/pin\n%s", section,
		name, vault->collector.folder.path, more);

	assert_in_range(written, 1, sizeof(vault->collector.more) - len - 1);
}

static void use_ledger(struct vault *vault)
{
	char more[600];

	new_key(vault, "ledger", "ed25519");
	(void)snprintf(more, sizeof(more), "folder = %s/ledger\norigin = " ORIGIN "\n", vault->collector.folder.path);
	use_key(vault, "ledger", "ledger", more);
	collector_put_settings(&vault->collector);
}

static int command(struct vault *vault, const char *word)
{
	return collector_command(
		&vault->collector, (const char *const[]){word, NULL}, vault->output, sizeof(vault->output));
}

/* ---- The ledger ---- */

static void begin_ledger(struct vault *vault)
{
	const char *line;

	use_ledger(vault);
	assert_int_equal(command(vault, "--check"), 1);
	assert_said(vault, "--begin-ledger makes it");
	assert_int_equal(command(vault, "--begin-ledger"), 0);
	assert_non_null(line = strstr(vault->output, "\nlog "));
	(void)snprintf(vault->policy, sizeof(vault->policy), "%squorum none\n", line + 1);
	assert_int_equal(command(vault, "--check"), 0);
}

/* Sends a new report, whose proof must hold. */
static void send_report(struct vault *vault, struct ask *ask, struct report_maker *maker)
{
	AUTO(policy) struct policy *policy = policy_parse(SPAN(vault->policy), NULL);
	AUTO(buf) struct buf report = BUF_INIT(65536), bytes = BUF_INIT(LEDGER_ENTRY_MAX_BYTES);
	AUTO(json) json_t *body = NULL, *told = NULL;
	struct policy_verdict verdict;
	struct ledger_entry entry = {0};
	struct tlog_proof proof;
	struct error err = {0};
	const json_t *history;

	report_maker_make(maker, &report);
	if (ask_for(ask, "/reports", report.data, report.len, &vault->answer) != 200)
		fail_msg("%ld %s", vault->answer.status, buf_text(&vault->answer.body));
	told = json_loads(buf_text(&vault->answer.body), 0, NULL);
	body = json_loads(buf_text(&report), 0, NULL);
	history = json_object_get(body, "history");
	(void)snprintf(
		entry.terminal, sizeof(entry.terminal), "%s", json_string_value(json_object_get(body, "terminal")));
	entry.report = json_integer_value(json_object_get(body, "number"));
	entry.rows = json_integer_value(json_object_get(history, "rows"));
	sha256_of(report.data, report.len, &entry.digest);
	assert_ok(sha256_parse(json_string_value(json_object_get(history, "head")), &entry.head, &err), &err);
	assert_ok(ledger_entry_write(&entry, &bytes, &err), &err);
	assert_ok(tlog_proof_parse(SPAN(json_string_value(json_object_get(told, "proof"))), &proof, &err), &err);
	assert_ok(tlog_proof_check(&proof, (struct span){bytes.data, bytes.len}, policy, &verdict, &err), &err);
}

TEST_CASE(test_a_ledger_is_signed_by_a_key_that_never_leaves_its_token)
{
	struct vault *vault = *state;
	struct report_maker maker;
	struct ask *ask;

	begin_ledger(vault);
	assert_shell(vault, "[ -z \"$(find keys -name '*.pem')\" ]");
	report_maker_init(&maker, collector_now_s());
	for (int lives = 0; lives < 2; lives++) {
		collector_start(&vault->collector);
		ask = collector_client(&vault->collector, &vault->collector.terminal);
		send_report(vault, ask, &maker);
		send_report(vault, ask, &maker);
		ask_free(ask);
		lives == 0 ? collector_kill(&vault->collector) : collector_stop(&vault->collector);
	}
	report_maker_clear(&maker);
}

/* ---- The PIN ---- */

TEST_CASE(test_a_wrong_pin_is_tried_once_however_often_the_service_starts)
{
	struct vault *vault = *state;

	begin_ledger(vault);
	assert_shell(vault, "echo 9999 >pin");
	assert_int_equal(command(vault, "serve"), 1);
	assert_said(vault, "the PIN does not open token 'Collector'");
	for (int starts = 0; starts < 5; starts++) {
		assert_int_equal(command(vault, "serve"), 1);
		assert_said(vault, "a wrong PIN was given to token 'Collector' before: none is tried");
	}
	assert_shell(vault, "echo 1234 >pin");
	assert_int_equal(command(vault, "serve"), 1);
	assert_said(vault, "log in once by hand");
	assert_shell(vault, HAISHIN_REPO " key use by-hand --keys others --pin-file pin "
					 "--token \"pkcs11:token=Collector;object=ledger?module-path=$MODULE\"");
	collector_start(&vault->collector);
	collector_stop(&vault->collector);
}

TEST_CASE(test_a_pin_is_a_secret_and_stands_in_no_uri)
{
	struct vault *vault = *state;

	begin_ledger(vault);
	assert_shell(vault, "chmod 640 pin");
	assert_int_equal(command(vault, "--check"), 1);
	assert_said(vault, "chmod go-rwx");
	assert_shell(vault, "chmod 600 pin && sed -i 's/?module-path=/?pin-value=1234\\&module-path=/' collector.conf");
	assert_int_equal(command(vault, "--check"), 1);
	assert_said(vault, "must hold no PIN");
	assert_null(strstr(vault->output, "1234"));
	assert_shell(vault, "sed -i 's/^key = pkcs11.*/key = ledger.pem/' collector.conf");
	assert_int_equal(command(vault, "--check"), 1);
	assert_said(vault, "a pin is of use only where the key beside it is in a token");
}

/* ---- The authority ---- */

static void use_authority(struct vault *vault, const char *kind)
{
	const char *at = vault->collector.folder.path;
	char more[1200];

	new_key(vault, kind, kind);
	(void)snprintf(more, sizeof(more), "certificate = %s/authority.pem\ncrl = %s/crl.pem\n", at, at);
	use_key(vault, "authority", kind, more);
	collector_put_settings(&vault->collector);
	assert_int_equal(command(vault, "--begin-authority"), 0);
	assert_int_equal(command(vault, "--check"), 1);
	assert_said(vault, "terminals that enrol would not be let in");
	assert_shell(vault, "cat authority.pem >>ca.pem");
	assert_int_equal(command(vault, "--check"), 0);
}

/* Makes a certificate for a new key, as a terminal does; it is in terminal.pem and terminal.key. */
static void enrol(struct vault *vault, struct pki_pair *ret_pair)
{
	char *request = pki_request("CN=new", NULL, 0, &ret_pair->key_pem), line[800];

	assert_int_equal(collector_command(&vault->collector,
				 (const char *const[]){"enrol", "reception-1", "--institution", "1312345678", "--json", NULL},
				 vault->output, sizeof(vault->output)),
		0);
	AUTO(json) json_t *told = json_loads(vault->output, 0, NULL);
	folder_put_secret(&vault->collector.folder, "request", request);
	(void)snprintf(line, sizeof(line),
		"curl -sS --fail-with-body --cacert ca.pem --user :%s --data-binary @request -H 'Content-Type: application/pkcs10' "
		"%s" ENROL " >answer",
		json_string_value(json_object_get(told, "code")), vault->collector.base);
	assert_shell(vault, line);
	AUTO(free) char *answer = folder_get(&vault->collector.folder, "answer", &(size_t){0});
	assert_non_null(ret_pair->pem = pki_answer(answer, strlen(answer)));
	folder_put_secret(&vault->collector.folder, "terminal.pem", ret_pair->pem);
	free(request);
}

static long ask_as(struct vault *vault, const struct pki_pair *pair)
{
	struct ask *ask = collector_client(&vault->collector, pair);
	long status = ask_for(ask, "/crl.pem", NULL, 0, &vault->answer);

	ask_free(ask);
	return status;
}

/* What the token signed is good for others' programs too, and so is the list of what was revoked. */
static void authority_in_token(struct vault *vault, const char *kind)
{
	struct pki_pair terminal = {0};

	use_authority(vault, kind);
	assert_shell(vault, "openssl verify -x509_strict -CAfile authority.pem authority.pem");
	collector_start(&vault->collector);
	enrol(vault, &terminal);
	assert_shell(vault, "openssl verify -x509_strict -CAfile authority.pem -crl_check -CRLfile crl.pem terminal.pem");
	assert_int_equal(ask_as(vault, &terminal), 200);
	assert_int_equal(collector_command(&vault->collector,
				 (const char *const[]){"revoke", "reception-1", "--why", "stolen", NULL}, vault->output,
				 sizeof(vault->output)),
		0);
	assert_int_not_equal(
		shell(vault, "openssl verify -CAfile authority.pem -crl_check -CRLfile crl.pem terminal.pem"), 0);
	assert_said(vault, "certificate revoked");
	assert_int_not_equal(ask_as(vault, &terminal), 200);
	collector_stop(&vault->collector);
	pki_pair_clear(&terminal);
}

TEST_CASE(test_an_authority_in_a_token_issues_and_revokes_with_ecdsa)
{
	authority_in_token(*state, "ecdsa");
}

TEST_CASE(test_an_authority_in_a_token_issues_and_revokes_with_rsa)
{
	authority_in_token(*state, "rsa");
}

TEST_CASE(test_an_authority_in_a_token_issues_and_revokes_with_ed25519)
{
	authority_in_token(*state, "ed25519");
}

TEST_CASE(test_a_certificate_of_another_key_is_named)
{
	struct vault *vault = *state;

	use_authority(vault, "ecdsa");
	new_key(vault, "other", "ecdsa");
	assert_shell(vault, "sed -i 's/object=ecdsa/object=other/' collector.conf");
	assert_int_equal(command(vault, "--check"), 1);
	assert_said(vault, "the key does not belong to the certificate");
}

TESTS(setup, teardown)
