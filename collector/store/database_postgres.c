#include "collector/store/database_kind.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <libpq-fe.h>

#include "common/process.h"

/* So many statements may be on their way before their results are read: neither side then waits for the other's
 * buffers to empty. */
#define SOON_MOST 256
#define NUMBER_TEXT_SIZE 24

#define QUOTED(text) #text
#define TEXT_OF(number) QUOTED(number)
#define SETTINGS                                                                                                     \
	"SET client_min_messages = warning; SET lock_timeout = " TEXT_OF(DIALECT_LOCK_WAIT_MS)                      \
	"; SET statement_timeout = 60000; SET synchronous_commit = on; SET timezone = 'UTC'"

/* Rows of one query. */
struct answer {
	PGresult *result;
	int row; /* -1 before the first */
	unsigned char *bytes;
};

/* ---- Errors ---- */

/* What the server did not say itself, and so bears no SQLSTATE, is about the connection. */
static enum error_code code_of(const PGconn *connection, const char *state)
{
	if (PQstatus(connection) != CONNECTION_OK || !*state || strncmp(state, "08", 2) == 0 ||
		strncmp(state, "57P", 3) == 0)
		return ERROR_NETWORK;
	if (strncmp(state, "53", 2) == 0)
		return ERROR_NO_SPACE;
	if (strncmp(state, "40", 2) == 0 || strcmp(state, "55P03") == 0 || strcmp(state, "57014") == 0)
		return ERROR_BUSY;
	return strncmp(state, "42", 2) == 0 ? ERROR_DAMAGED : ERROR_FAILED;
}

static int fail(PGconn *connection, const PGresult *result, struct error *err)
{
	const char *state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
	const char *told = result && state ? PQresultErrorMessage(result) : PQerrorMessage(connection);

	enum error_code code = code_of(connection, state ? state : "");

	return error_set(err, code, "%s%.*s", code == ERROR_NETWORK ? "no contact with PostgreSQL: " : "",
		(int)strcspn(told, "\n"), told);
}

/* ---- Waiting ---- */

/* Connecting takes no longer: who waits for it has somebody waiting too. */
#define CONNECT_MS 1000

static int64_t now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* True once the connection may go on with EVENTS, false when UNTIL_MS has passed. */
static bool may_go_on(PGconn *connection, short events, int64_t until_ms)
{
	struct pollfd poll_fd = {.fd = PQsocket(connection), .events = events};
	int64_t left_ms = until_ms - now_ms();

	return left_ms > 0 && (poll(&poll_fd, 1, left_ms < INT_MAX ? (int)left_ms : INT_MAX) != 0);
}

/* Sends what waits and takes what comes, until there is a result to take. A server that is silent for too long (stopped, or cut
 * off) is one that is gone: the next call of libpq says so. */
static void await_result(struct database *database)
{
	PGconn *connection = database->handle;
	int64_t until_ms = now_ms() + database->patience_ms;
	int unsent;

	while ((unsent = PQflush(connection)) >= 0 && (unsent > 0 || PQisBusy(connection))) {
		if (!may_go_on(connection, unsent > 0 ? POLLIN | POLLOUT : POLLIN, until_ms)) {
			(void)shutdown(PQsocket(connection), SHUT_RDWR);
			(void)PQconsumeInput(connection);
			return;
		}
		if (!PQconsumeInput(connection))
			return;
	}
}

/* The last result of what was sent; NULL where there is none. */
static PGresult *take_last(struct database *database, int sent)
{
	PGresult *last = NULL, *result;

	while (sent && (await_result(database), result = PQgetResult(database->handle))) {
		PQclear(last);
		last = result;
	}
	return last;
}

/* ---- The connection ---- */

static int take_result(PGconn *connection, PGresult *take_answer, struct error *err)
{
	ExecStatusType status = PQresultStatus(take_answer);
	int result = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK ? 0 : fail(connection, take_answer, err);

	PQclear(take_answer);
	return result;
}

static int run(struct database *database, const char *sql, struct error *err)
{
	return take_result(database->handle, take_last(database, PQsendQuery(database->handle, sql)), err);
}

/* Goes on with a connection that was begun, by POLL_ONCE (PQconnectPoll or PQresetPoll). */
static void finish_connecting(PGconn *connection, PostgresPollingStatusType (*poll_once)(PGconn *))
{
	PostgresPollingStatusType status = PGRES_POLLING_WRITING;
	int64_t until_ms = now_ms() + CONNECT_MS;

	while (status == PGRES_POLLING_READING || status == PGRES_POLLING_WRITING) {
		if (!may_go_on(connection, status == PGRES_POLLING_READING ? POLLIN : POLLOUT, until_ms)) {
			(void)shutdown(PQsocket(connection), SHUT_RDWR);
			status = poll_once(connection);
			return;
		}
		status = poll_once(connection);
	}
}

static int settle_in(struct database *database, struct error *err)
{
	if (PQstatus(database->handle) != CONNECTION_OK)
		return error_set(err, ERROR_NETWORK, "no contact with PostgreSQL: %.*s",
			(int)strcspn(PQerrorMessage(database->handle), "\n"), PQerrorMessage(database->handle));
	(void)PQsetnonblocking(database->handle, 1);
	return run(database, SETTINGS, err);
}

static int open_server(struct database *database, const char *url, struct error *err)
{
	static const char *const names[] = {
		"dbname", "connect_timeout", "tcp_user_timeout", "fallback_application_name", NULL};
	const char *const values[] = {url, "5", "10000", "haishin-collector", NULL};

	if (!(database->handle = PQconnectStartParams(names, values, 1)))
		return error_set(err, ERROR_FAILED, "no memory for a connection to PostgreSQL");
	if (PQstatus(database->handle) != CONNECTION_BAD)
		finish_connecting(database->handle, PQconnectPoll);
	return settle_in(database, err);
}

#define BACKUP_MS (24 * 3600 * INT64_C(1000))
#define CONNINFO_MOST 64

/* As the environment of libpq: a password is never on a command line. */
static void put_environment(PQconninfoOption *options, struct buf *ret_texts, const char **ret_list)
{
	size_t count = 0;

	for (PQconninfoOption *option = options; option->keyword && count < CONNINFO_MOST; option++)
		if (option->envvar && option->val && *option->val &&
			buf_printf(ret_texts, NULL, "%s=%s", option->envvar, option->val) == 0 &&
			buf_append(ret_texts, "", 1, NULL) == 0)
			count++;
	for (size_t i = 0, at = 0; i < count; at += strlen(ret_texts->data + at) + 1)
		ret_list[i++] = ret_texts->data + at;
	ret_list[count] = NULL;
}

static int dump(const char *file, PQconninfoOption *options, struct error *err)
{
	const char *const argv[] = {"/usr/bin/pg_dump", "--format=custom", "--no-password", "--file", file, NULL};
	const char *environment[CONNINFO_MOST + 1];
	AUTO(secret) struct buf texts = BUF_INIT(65536);
	AUTO(buf) struct buf output = BUF_INIT(4096);
	struct process_request request = {
		.argv = argv, .environment = environment, .timeout_ms = BACKUP_MS, .output = &output};
	struct process_result result;
	struct processes processes;

	processes_init(&processes);
	put_environment(options, &texts, environment);
	if (processes.run(&processes, &request, &result, err) < 0)
		return -1;
	if (result.exit_status == 0 && !result.timed_out)
		return 0;
	return error_set(err, ERROR_FAILED, "pg_dump (Debian package postgresql-client) ended with %d: %.200s",
		result.exit_status, process_last_line(&output));
}

static int backup(struct database *database, const char *file, struct error *err)
{
	AUTO(fd) int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	PQconninfoOption *options = PQconninfo(database->handle);
	int result;

	if (fd < 0 || !options) {
		PQconninfoFree(options);
		return error_system(err, errno, "cannot make '%s'", file);
	}
	result = dump(file, options, err);
	PQconninfoFree(options);
	return result;
}

static void close_server(struct database *database)
{
	PQfinish(database->handle);
}

/* False also where it ended while nobody used it: that shows when all that came since is read. */
static bool is_connected(PGconn *connection)
{
	struct pollfd since = {.fd = PQsocket(connection), .events = POLLIN};

	while (PQstatus(connection) == CONNECTION_OK && poll(&since, 1, 0) > 0)
		if (!PQconsumeInput(connection))
			return false;
	return PQstatus(connection) == CONNECTION_OK;
}

static int revive(struct database *database, struct error *err)
{
	if (is_connected(database->handle))
		return 0;
	if (PQresetStart(database->handle))
		finish_connecting(database->handle, PQresetPoll);
	memset(database->prepared, 0, sizeof(database->prepared));
	database->waiting = 0;
	return settle_in(database, err);
}

/* ---- Statements ---- */

static const char *name_of(enum statement statement, char ret_name[static NUMBER_TEXT_SIZE])
{
	(void)snprintf(ret_name, NUMBER_TEXT_SIZE, "s%d", (int)statement);
	return ret_name;
}

static int settle(struct database *database, struct error *err);

static int prepare(struct database *database, enum statement statement, struct error *err)
{
	AUTO(buf) struct buf sql = BUF_INIT(DIALECT_SQL_MOST);
	char name[NUMBER_TEXT_SIZE];

	if (database->prepared[statement])
		return 0;
	if (settle(database, err) < 0 || dialect_translate(DIALECT_POSTGRES, statement_sql(statement), &sql, err) < 0)
		return -1;
	if (take_result(database->handle,
		    take_last(database,
			    PQsendPrepare(database->handle, name_of(statement, name), buf_text(&sql), 0, NULL)),
		    err) < 0)
		return -1;
	database->prepared[statement] = database;
	return 0;
}

/* Parameters as libpq takes them: numbers and texts as text, bytes as they are. */
struct arguments {
	const char *values[PARAMETERS_MOST];
	int lengths[PARAMETERS_MOST], formats[PARAMETERS_MOST];
	char numbers[PARAMETERS_MOST][NUMBER_TEXT_SIZE];
};

static void put_arguments(const struct query *query, struct arguments *ret_arguments)
{
	for (size_t i = 0; i < query->count; i++) {
		const struct parameter *parameter = &query->parameters[i];

		ret_arguments->values[i] = parameter->data;
		ret_arguments->lengths[i] = (int)parameter->len;
		ret_arguments->formats[i] = parameter->kind == PARAMETER_BYTES;
		if (parameter->kind == PARAMETER_NUMBER) {
			(void)snprintf(ret_arguments->numbers[i], NUMBER_TEXT_SIZE, "%" PRId64, parameter->number);
			ret_arguments->values[i] = ret_arguments->numbers[i];
		}
	}
}

static int start(struct query *query, struct error *err)
{
	struct database *database = query->database;
	struct arguments arguments;
	char name[NUMBER_TEXT_SIZE];
	struct answer *answer;
	ExecStatusType status;

	if (prepare(database, query->statement, err) < 0)
		return -1;
	if (!(query->state = answer = calloc(1, sizeof(*answer))))
		return error_set(err, ERROR_FAILED, "no memory for an answer of the store");
	put_arguments(query, &arguments);
	answer->row = -1;
	answer->result = take_last(database,
		PQsendQueryPrepared(database->handle, name_of(query->statement, name), (int)query->count,
			arguments.values, arguments.lengths, arguments.formats, 0));
	status = PQresultStatus(answer->result);
	if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
		return fail(database->handle, answer->result, err);
	database->changed = strtoll(PQcmdTuples(answer->result), NULL, 10);
	return 0;
}

static int next(struct query *query, struct error *err)
{
	struct answer *answer = query->state;

	(void)err;
	return ++answer->row < PQntuples(answer->result);
}

static void finish(struct query *query)
{
	struct answer *answer = query->state;

	if (!answer)
		return;
	PQclear(answer->result);
	PQfreemem(answer->bytes);
	free(answer);
}

static int run_soon(struct query *query, struct error *err)
{
	struct database *database = query->database;
	struct arguments arguments;
	char name[NUMBER_TEXT_SIZE];

	if ((database->waiting == SOON_MOST && settle(database, err) < 0) ||
		prepare(database, query->statement, err) < 0)
		return -1;
	put_arguments(query, &arguments);
	if ((database->waiting == 0 && !PQenterPipelineMode(database->handle)) ||
		!PQsendQueryPrepared(database->handle, name_of(query->statement, name), (int)query->count,
			arguments.values, arguments.lengths, arguments.formats, 0))
		return fail(database->handle, NULL, err);
	database->waiting++;
	return 0;
}

/* Takes the results up to the mark that PQpipelineSync set; ERR tells of the first failure among them. */
static int take_results(struct database *database, struct error *err)
{
	PGconn *connection = database->handle;
	ExecStatusType status = PGRES_EMPTY_QUERY;
	int failed = 0;

	while (status != PGRES_PIPELINE_SYNC && PQstatus(connection) == CONNECTION_OK) {
		PGresult *result = (await_result(database), PQgetResult(connection));

		status = result ? PQresultStatus(result) : PGRES_EMPTY_QUERY;
		if (!failed && status == PGRES_FATAL_ERROR)
			failed = fail(connection, result, err);
		PQclear(result);
	}
	return failed;
}

static int settle(struct database *database, struct error *err)
{
	PGconn *connection = database->handle;

	if (database->waiting == 0)
		return 0;
	database->waiting = 0;
	if (!PQpipelineSync(connection))
		return fail(connection, NULL, err);
	if (take_results(database, err) < 0)
		return (void)PQexitPipelineMode(connection), -1;
	return PQexitPipelineMode(connection) ? 0 : fail(connection, NULL, err);
}

/* ---- Rows ---- */

static const char *text(struct query *query, int column)
{
	struct answer *answer = query->state;

	return PQgetvalue(answer->result, answer->row, column);
}

static int64_t number(struct query *query, int column)
{
	return strtoll(text(query, column), NULL, 10);
}

static const void *bytes(struct query *query, int column, size_t *ret_len)
{
	struct answer *answer = query->state;

	PQfreemem(answer->bytes);
	answer->bytes = PQunescapeBytea((const unsigned char *)text(query, column), ret_len);
	if (!answer->bytes)
		*ret_len = 0;
	return answer->bytes ? (const void *)answer->bytes : "";
}

const struct database_kind database_postgres = {
	.dialect = DIALECT_POSTGRES,
	.open = open_server,
	.close = close_server,
	.revive = revive,
	.backup = backup,
	.run = run,
	.start = start,
	.next = next,
	.run_soon = run_soon,
	.settle = settle,
	.finish = finish,
	.number = number,
	.text = text,
	.bytes = bytes,
};
