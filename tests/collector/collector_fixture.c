#include "tests/collector/collector_fixture.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <sqlite3.h>

#include "common/clock.h"

#define SETTINGS_PATH_SIZE 600

static void need(int true_value, const char *what)
{
	if (true_value)
		return;
	(void)fprintf(stderr, "test collector: %s\n", what);
	abort();
}

static void put_text(const struct collector *collector, const char *name, const char *text)
{
	folder_put(&collector->folder, name, text, strlen(text));
}

/* Several behind one proxy share a folder. */
static void name_settings(const struct collector *collector, char *ret_name, size_t size)
{
	(void)snprintf(ret_name, size, "%s.conf", collector->socket ? collector->socket : "collector");
}

static void path_settings(const struct collector *collector, char ret_path[static SETTINGS_PATH_SIZE])
{
	char name[64];

	name_settings(collector, name, sizeof(name));
	(void)snprintf(ret_path, SETTINGS_PATH_SIZE, "%s/%s", collector->folder.path, name);
}

void collector_init(struct collector *collector)
{
	memset(collector, 0, sizeof(*collector));
	collector->summary_age = "0s";
	folder_init(&collector->folder);
	pki_init(&collector->pki, "Authority");
	pki_issue_server(&collector->pki, &collector->server, pki_yesterday(), pki_next_year());
	pki_issue_client(&collector->pki, &collector->terminal, "1312345678", pki_yesterday(), pki_next_year());
	pki_issue_client(&collector->pki, &collector->operator, "Operator", pki_yesterday(), pki_next_year());
	pki_issue_client(&collector->pki, &collector->vendor, "Acme", pki_yesterday(), pki_next_year());
	pki_issue_client(&collector->pki, &collector->auditor, "Auditor", pki_yesterday(), pki_next_year());
	pki_issue_client(&collector->pki, &collector->stranger, "Somebody", pki_yesterday(), pki_next_year());
	put_text(collector, "server.pem", collector->server.pem);
	folder_put_secret(&collector->folder, "server.key", collector->server.key_pem);
	put_text(collector, "ca.pem", collector->pki.ca_pem);
	(void)snprintf(collector->store, sizeof(collector->store), "%s/collector.db", collector->folder.path);
}

void collector_use_postgres(struct collector *collector, struct postgres *postgres)
{
	collector->postgres = postgres;
	(void)snprintf(collector->store, sizeof(collector->store), "%s", postgres->url);
}

void collector_issue(struct collector *collector)
{
	const char *at = collector->folder.path;
	char *key = pki_key_pem(&collector->pki);
	size_t len = strlen(collector->more);

	put_text(collector, "ca.key", key);
	need(fchmodat(collector->folder.fd, "ca.key", 0600, 0) == 0, "a secret file");
	(void)snprintf(collector->more + len, sizeof(collector->more) - len,
		"[authority]\ncertificate = %s/ca.pem\nkey = %s/ca.key\ncrl = %s/crl.pem\n", at, at, at);
	free(key);
}

int collector_command(const struct collector *collector, const char *const *words, char *ret_output, size_t size)
{
	char conf[SETTINGS_PATH_SIZE];
	const char *argv[16] = {HAISHIN_COLLECTOR, "--config", conf};
	struct program program;

	path_settings(collector, conf);
	for (size_t count = 3; *words && count < ARRAY_SIZE(argv) - 1; count++)
		argv[count] = *words++;
	program_start(&program, argv, -1);
	return program_wait(&program, ret_output, size);
}

void collector_clear(struct collector *collector)
{
	struct pki_pair *pairs[] = {&collector->server, &collector->terminal,
		&collector->operator, & collector->vendor, &collector->auditor, &collector->stranger};

	folder_clear(&collector->folder);
	pki_clear(&collector->pki);
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++)
		pki_pair_clear(pairs[i]);
}

void collector_put_settings(const struct collector *collector)
{
	const char *at = collector->folder.path;
	char text[4096], door[1800], name[64];
	int len;

	if (collector->socket)
		(void)snprintf(door, sizeof(door), "listen = unix:%s/%s\nbehind_proxy = yes\n", at, collector->socket);
	else
		(void)snprintf(door, sizeof(door),
			"listen = 127.0.0.1:0\ntls_certificate = %s/server.pem\ntls_key = %s/server.key\n"
			"client_ca = %s/ca.pem\n",
			at, at, at);
	len = snprintf(text, sizeof(text),
		"[collector]\n%s[store]\nurl = %s\n[role boss]\nis = operator\nsubject = CN=Operator\n"
		"[role acme]\nis = vendor\nsubject = CN=Acme\npackages = reader-app/acme\n"
		"[fleet]\nsummary_age = %s\n[role audit]\nis = auditor\nsubject = CN=Auditor\n%s",
		door, collector->store, collector->summary_age, collector->more);
	need(len > 0 && (size_t)len < sizeof(text), "the settings are too long");
	name_settings(collector, name, sizeof(name));
	put_text(collector, name, text);
}

void collector_use_ledger(struct collector *collector)
{
	AUTO(signer) struct signer *signer = signer_generate(KEY_ED25519, NULL);
	AUTO(buf) struct buf pem = BUF_INIT(4096);
	const char *at = collector->folder.path;
	char conf[SETTINGS_PATH_SIZE], output[2048];
	const char *argv[] = {HAISHIN_COLLECTOR, "--config", conf, "--begin-ledger", NULL};
	struct program program;

	need(signer && signer_write(signer, NULL, &pem, NULL) == 0, "no key for a ledger");
	folder_put(&collector->folder, "ledger.pem", pem.data, pem.len);
	need(fchmodat(collector->folder.fd, "ledger.pem", 0600, 0) == 0, "no secret key for a ledger");
	(void)snprintf(collector->more, sizeof(collector->more),
		"[ledger]\nfolder = %s/ledger\norigin = ledger.example.jp/1\nkey = %s/ledger.pem\n", at, at);
	collector_put_settings(collector);
	path_settings(collector, conf);
	program_start(&program, argv, -1);
	if (program_wait(&program, output, sizeof(output)) != 0)
		need(0, output);
}

void collector_start(struct collector *collector)
{
	char conf[SETTINGS_PATH_SIZE], line[512];
	const char *argv[] = {HAISHIN_COLLECTOR, "--config", conf, NULL};
	int port = 0;

	collector_put_settings(collector);
	path_settings(collector, conf);
	program_start(&collector->program, argv, -1);
	program_read_line(&collector->program, line, sizeof(line));
	if (collector->socket) {
		need(strncmp(line, "listening at unix:", 18) == 0, line);
		return;
	}
	if (sscanf(line, "listening at https://127.0.0.1:%d", &port) != 1)
		need(0, line);
	(void)snprintf(collector->base, sizeof(collector->base), "https://127.0.0.1:%d", port);
}

void collector_stop(struct collector *collector)
{
	char output[4096];

	if (program_stop(&collector->program, SIGTERM, output, sizeof(output)) != 0)
		need(0, output);
}

void collector_kill(struct collector *collector)
{
	(void)program_stop(&collector->program, SIGKILL, NULL, 0);
}

struct ask *collector_client(const struct collector *collector, const struct pki_pair *pair)
{
	return ask_new(collector->base, collector->pki.ca_pem, pair);
}

void askers_begin(struct askers *askers, const struct collector *collector)
{
	*askers = (struct askers){
		.boss = collector_client(collector, &collector->operator),
		.vendor = collector_client(collector, &collector->vendor),
		.auditor = collector_client(collector, &collector->auditor),
		.terminal = collector_client(collector, &collector->terminal),
		.stranger = collector_client(collector, &collector->stranger),
	};
}

void askers_clear(struct askers *askers)
{
	ask_free(askers->boss);
	ask_free(askers->vendor);
	ask_free(askers->auditor);
	ask_free(askers->terminal);
	ask_free(askers->stranger);
	ask_answer_clear(&askers->answer);
}

const char *askers_see(struct askers *askers, struct ask *ask, const char *path)
{
	if (ask_for(ask, path, NULL, 0, &askers->answer) != 200) {
		(void)fprintf(stderr, "%s: answered with %ld\n", path, askers->answer.status);
		need(false, buf_text(&askers->answer.body));
	}
	return buf_text(&askers->answer.body);
}

int64_t collector_count(const struct collector *collector, const char *sql)
{
	sqlite3_stmt *statement = NULL;
	sqlite3 *database = NULL;
	int64_t number;

	if (collector->postgres)
		return postgres_number(collector->postgres, sql);
	need(sqlite3_open_v2(collector->store, &database, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK &&
			sqlite3_prepare_v2(database, sql, -1, &statement, NULL) == SQLITE_OK &&
			sqlite3_step(statement) == SQLITE_ROW,
		database ? sqlite3_errmsg(database) : "no memory");
	number = sqlite3_column_int64(statement, 0);
	(void)sqlite3_finalize(statement);
	(void)sqlite3_close(database);
	return number;
}

struct postgres collector_postgres;

int collector_postgres_begin(void **state)
{
	(void)state;
	postgres_init(&collector_postgres);
	return 0;
}

int collector_postgres_end(void **state)
{
	(void)state;
	postgres_clear(&collector_postgres);
	return 0;
}

int64_t collector_now_s(void)
{
	struct clock clock;

	clock_init(&clock, "/proc/sys/kernel/random/boot_id");
	return clock.now_s(&clock);
}
