/* A collector as an operator runs it: the real program over real HTTPS, in a folder of its own. */
#ifndef TESTS_COLLECTOR_COLLECTOR_FIXTURE_H
#define TESTS_COLLECTOR_COLLECTOR_FIXTURE_H

#include "tests/support/ask.h"
#include "tests/support/folder.h"
#include "tests/support/pki.h"
#include "tests/support/postgres.h"
#include "tests/support/program.h"
#include "tests/support/report_maker.h"

struct collector {
	struct folder folder;
	struct pki pki;
	struct pki_pair server, terminal, operator, vendor, auditor, stranger;
	struct program program;
	char store[600];
	struct postgres *postgres; /* NULL: it keeps an SQLite file */
	char base[300];		   /* "https://127.0.0.1:PORT" */
	const char *socket;	   /* name of the Unix socket below its folder, behind a proxy; NULL: it speaks HTTPS itself */
	const char *summary_age;   /* "0s": figures are always new */
	char more[1024];	   /* lines of its settings, behind the usual ones */
};

/* Makes certificates and settings; nothing runs yet. The roles' certificates have the names Operator, Acme and
 * Auditor; the terminal's is 1312345678. */
void collector_init(struct collector *collector);
/* From now on it keeps its store there. */
void collector_use_postgres(struct collector *collector, struct postgres *postgres);
void collector_clear(struct collector *collector);
/* From now on its authority issues certificates: [authority] in its settings. */
void collector_issue(struct collector *collector);
/* Runs it with these words behind its settings' file, ended by NULL; returns the exit status. */
int collector_command(const struct collector *collector, const char *const *words, char *ret_output, size_t size);

/* From now on it keeps a ledger, which is begun here. Before the settings are written. */
void collector_use_ledger(struct collector *collector);

/* Writes its settings; collector_start() does so itself. */
void collector_put_settings(const struct collector *collector);
/* Starts it with the settings, and waits until it listens. */
void collector_start(struct collector *collector);
/* Ends it as the service manager would; it must end well. */
void collector_stop(struct collector *collector);
/* Ends it as a power cut would. */
void collector_kill(struct collector *collector);

/* A PostgreSQL for the whole of a program's tests: to cmocka_run_group_tests(). */
extern struct postgres collector_postgres;
int collector_postgres_begin(void **state);
int collector_postgres_end(void **state);

/* What the collector's clock says. */
int64_t collector_now_s(void);

struct ask *collector_client(const struct collector *collector, const struct pki_pair *pair);

/* One of each who may ask it, and what the last of them was answered. */
struct askers {
	struct ask *boss, *vendor, *auditor, *terminal, *stranger;
	struct ask_answer answer;
};
void askers_begin(struct askers *askers, const struct collector *collector);
void askers_clear(struct askers *askers);
/* What ASK is shown at PATH, which must be answered with 200: a text that lasts until the next question. */
const char *askers_see(struct askers *askers, struct ask *ask, const char *path);

/* The one number that SQL gives, asked of its store. */
int64_t collector_count(const struct collector *collector, const char *sql);

#endif
