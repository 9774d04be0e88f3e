#include "tests/support/postgres.h"

#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libpq-fe.h>

#include "common/fs.h"

/* Its programs refuse to run as root; this is the user that owns nothing. */
#define NOBODY 65534

static void need(int true_value, const char *what)
{
	if (true_value)
		return;
	(void)fprintf(stderr, "test PostgreSQL: %s\n", what);
	abort();
}

/* Debian keeps the programs of each version in a folder of its own. */
static void find_program(const char *name, char *ret_path, size_t size)
{
	char pattern[128];
	glob_t found;

	(void)snprintf(pattern, sizeof(pattern), "/usr/lib/postgresql/*/bin/%s", name);
	need(glob(pattern, 0, NULL, &found) == 0 && found.gl_pathc > 0, "Debian's postgresql is not installed");
	(void)snprintf(ret_path, size, "%s", found.gl_pathv[found.gl_pathc - 1]);
	globfree(&found);
}

static void start_as_user(struct program *program, const char *const *argv)
{
	const char *as_user[24] = {"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"};
	size_t count = geteuid() == 0 ? 4 : 0;

	for (; *argv; argv++)
		as_user[count++] = *argv;
	program_start(program, as_user, -1);
}

static bool answers(const char *url)
{
	return PQping(url) == PQPING_OK;
}

void postgres_start(struct postgres *postgres)
{
	char path[256], data[128];
	const char *argv[] = {path, "-D", data, "-k", postgres->folder, "-c", "listen_addresses=", "-c",
		"shared_buffers=32MB", "-c", "max_connections=40", NULL};

	find_program("postgres", path, sizeof(path));
	(void)snprintf(data, sizeof(data), "%s/data", postgres->folder);
	start_as_user(&postgres->program, argv);
	while (!answers(postgres->url))
		(void)usleep(10000);
}

void postgres_init(struct postgres *postgres)
{
	char path[256], data[128], output[4096];
	const char *argv[] = {path, "-D", data, "--no-sync", "--auth=trust", "--username=haishin", "--encoding=UTF8",
		"--locale=C.UTF-8", NULL};
	struct program initdb;

	(void)snprintf(postgres->folder, sizeof(postgres->folder), "/tmp/haishin-postgres-XXXXXX");
	need(mkdtemp(postgres->folder) != NULL, "no folder");
	need(geteuid() != 0 || chown(postgres->folder, NOBODY, NOBODY) == 0, "no folder for its user");
	(void)snprintf(data, sizeof(data), "%s/data", postgres->folder);
	(void)snprintf(
		postgres->url, sizeof(postgres->url), "postgresql://haishin@/postgres?host=%s", postgres->folder);
	find_program("initdb", path, sizeof(path));
	start_as_user(&initdb, argv);
	if (program_wait(&initdb, output, sizeof(output)) != 0)
		need(0, output);
	postgres_start(postgres);
}

void postgres_kill(struct postgres *postgres)
{
	/* SIGQUIT ends all its processes at once, with nothing written back: the next start recovers from its log. */
	(void)program_stop(&postgres->program, SIGQUIT, NULL, 0);
}

void postgres_clear(struct postgres *postgres)
{
	struct fs fs;

	fs_init(&fs);
	postgres_kill(postgres);
	need(fs_remove_tree(&fs, AT_FDCWD, postgres->folder, NULL) == 0, "cannot remove its folder");
}

int64_t postgres_number(const struct postgres *postgres, const char *sql)
{
	PGconn *connection = PQconnectdb(postgres->url);
	PGresult *result = PQexec(connection, sql);
	int64_t number;

	need(PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) == 1, PQerrorMessage(connection));
	number = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
	PQclear(result);
	PQfinish(connection);
	return number;
}

static void signal_all(const struct postgres *postgres, const char *signal)
{
	char command[200];

	(void)snprintf(command, sizeof(command), "kill -%s %d $(pgrep -P %d)", signal, (int)postgres->program.pid,
		(int)postgres->program.pid);
	if (system(command) != 0)
		abort();
}

void postgres_freeze(const struct postgres *postgres)
{
	signal_all(postgres, "STOP");
}

void postgres_thaw(const struct postgres *postgres)
{
	signal_all(postgres, "CONT");
}
