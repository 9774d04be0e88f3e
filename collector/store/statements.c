#include "collector/store/statements.h"

#define TERMINAL_COLUMNS                                                                                             \
	"id, key, name, institution, ring, certificate, certificate_ends_s, form, agent, environment, verdict, "     \
	"reason, words, packages, problems, number, digest, rows, head, first_s, made_s, received_s, opens_s, "      \
	"closes_s, silent_s, cause, twin_s"

static const char *const statements[STATEMENT_COUNT] = {
	/* The parameter is there because all that ask for one number have one. */
	[STATEMENT_SCHEMA_STEP] = "SELECT coalesce(max(step), 0) FROM haishin_schema WHERE step > $1",
	[STATEMENT_SETTING_GET] = "SELECT value FROM setting WHERE name = $1",
	[STATEMENT_SETTING_PUT] = "INSERT INTO setting (name, value) VALUES ($1, $2) "
				  "ON CONFLICT (name) DO UPDATE SET value = excluded.value",

	[STATEMENT_TERMINAL_RESERVE] = "INSERT INTO terminal (" TERMINAL_COLUMNS ") "
				       "VALUES ($1, $2, '', '', '', '', 0, 0, '', '', '', '', '', '', '', 0, '', 0, "
				       "'', $3, 0, 0, 0, 0, 0, '', 0) "
				       "ON CONFLICT (id) DO NOTHING",
	[STATEMENT_TERMINAL_FIND] = "SELECT " TERMINAL_COLUMNS " FROM terminal WHERE id = $1",
	[STATEMENT_TERMINAL_LOCK_THESE] =
		"SELECT " TERMINAL_COLUMNS " FROM terminal WHERE id IN @numbers ORDER BY id @locked",
	[STATEMENT_TERMINAL_CHANGE] =
		"UPDATE terminal SET name = $2, institution = $3, certificate = $4, certificate_ends_s = $5, form = "
		"$6, "
		"agent = $7, environment = $8, verdict = $9, reason = $10, words = $11, packages = $12, problems = "
		"$13, "
		"number = $14, digest = $15, rows = $16, head = $17, made_s = $18, received_s = $19, opens_s = $20, "
		"closes_s = $21, silent_s = $22, cause = $23, twin_s = $24 WHERE id = $1",

	[STATEMENT_INSTALLED_DROP] = "DELETE FROM installed WHERE terminal = $1",
	[STATEMENT_INSTALLED_ADD] = "INSERT INTO installed (terminal, package, version, state, staged, newest) "
				    "VALUES ($1, $2, $3, $4, $5, $6) "
				    "ON CONFLICT (terminal, package) DO NOTHING",

	[STATEMENT_REPORT_ADD] = "INSERT INTO report (received_s, terminal, number, certificate, digest, size, body) "
				 "VALUES ($1, $2, $3, $4, $5, $6, $7)",
	[STATEMENT_REPORT_FIND] = "SELECT count(*) FROM report WHERE terminal = $1 AND number = $2 AND digest = $3",
	/* Reports come in the order of time, so the old ones are the first rows. */
	[STATEMENT_REPORT_FORGET] = "DELETE FROM report WHERE rowid IN (SELECT rowid FROM report "
				    "WHERE rowid < (SELECT min(rowid) + 2 * $2 FROM report) AND received_s < $1 "
				    "ORDER BY rowid LIMIT $2)",
	[STATEMENT_REPORT_OLDEST_PART] = "SELECT relname FROM pg_class WHERE relname LIKE 'report\\_2%' "
					 "AND relkind = 'r' AND relname < $1 ORDER BY relname LIMIT 1",
	[STATEMENT_REPORT_NEWEST_OF] = "SELECT received_s, number, certificate, digest, size, body FROM report "
				       "WHERE terminal = $1 AND number < $2 ORDER BY number DESC LIMIT $3",

	[STATEMENT_RELEASE_ADD] = "INSERT INTO release (id, package, version, digest, first_s) "
				  "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO NOTHING",
	[STATEMENT_DELIVERY_PUT] =
		"INSERT INTO delivery (terminal, release, planned_s, state, campaign, changed_s, attempts, error, "
		"detail, "
		"report) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) "
		"ON CONFLICT (terminal, release, planned_s) DO UPDATE SET state = excluded.state, "
		"campaign = excluded.campaign, changed_s = excluded.changed_s, attempts = excluded.attempts, "
		"error = excluded.error, detail = excluded.detail, report = excluded.report",

	[STATEMENT_CERTIFICATE_PUT] =
		"INSERT INTO certificate (fingerprint, subject, name, institution, serial, ends_s, first_s, text) "
		"VALUES ($1, $2, $3, $4, $5, $6, $7, $8) "
		"ON CONFLICT (fingerprint) DO UPDATE SET text = excluded.text WHERE certificate.text = ''",
	[STATEMENT_CERTIFICATE_TEXT] = "SELECT text FROM certificate WHERE fingerprint = $1",
};

const char *statement_sql(enum statement statement)
{
	return statements[statement];
}
