#include "agent/store/statements.h"

#include <assert.h>

#define HISTORY_COLUMNS                                                                                              \
	"number, at_s, boot_id, operation, package, version, digest, outcome, error, detail, previous, row_digest"
#define HISTORY_MATCHES                                                                                              \
	"(?1 = '' OR package = ?1) AND (?2 = '' OR operation = ?2) AND (?3 = '' OR outcome = ?3) "                   \
	"AND at_s >= ?4 AND (?5 = 0 OR at_s < ?5) "
#define ARCHIVE_COLUMNS "first_row, last_row, last_digest, file, file_digest, sealed_s, dropped_s"
#define QUARANTINE_COLUMNS "package, version, digest, since_s, reason"
#define PAUSE_COLUMNS "package, since_s, until_s, who, why"
#define CONTACT_COLUMNS "opens_s, closes_s, date, first_try_s, contact_s, attempts, on_s, on_for_s, outcome, detail"
#define CHAPTER_COLUMNS "number, first_row, since_s, environment, institution_code, certificate"
#define REPORT_COLUMNS                                                                                               \
	"number, made_s, sent_s, attempts, last_row, last_digest, windows_until_s, deliveries_until_s, error, "      \
	"detail"
#define PRESENCE_COLUMNS "from_s, to_s, boot_id, begins"
#define INSTALLED_COLUMNS "package, version, digest, folder, since_s"
#define DELIVERY_VALUES                                                                                              \
	"package, version, digest, folder, state, campaign, planned_s, changed_s, attempts, wire_bytes, "            \
	"payload_bytes, error, detail"
#define DELIVERY_COLUMNS "id, " DELIVERY_VALUES

static const char *const statements[STATEMENT_COUNT] = {
	[STATEMENT_SETTING_GET] = "SELECT value FROM setting WHERE name = ?1",
	[STATEMENT_SETTING_PUT] = "INSERT INTO setting (name, value) VALUES (?1, ?2) "
				  "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
	[STATEMENT_SETTING_DROP] = "DELETE FROM setting WHERE name = ?1",

	[STATEMENT_HISTORY_LAST] = "SELECT number, row_digest FROM history ORDER BY number DESC LIMIT 1",
	[STATEMENT_HISTORY_ADD] = "INSERT INTO history (" HISTORY_COLUMNS ") "
				  "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
	[STATEMENT_HISTORY_NEWEST_FROM] = "SELECT min(number) FROM (SELECT number FROM history WHERE " HISTORY_MATCHES
					  "ORDER BY number DESC LIMIT ?6)",
	[STATEMENT_HISTORY_LIST] =
		"SELECT " HISTORY_COLUMNS " FROM history WHERE " HISTORY_MATCHES "AND number >= ?6 ORDER BY number",

	[STATEMENT_HISTORY_FIND] = "SELECT " HISTORY_COLUMNS " FROM history WHERE number = ?1",
	[STATEMENT_HISTORY_FORGET] = "DELETE FROM history WHERE number <= ?1",

	[STATEMENT_ARCHIVE_PUT] = "INSERT INTO archive (" ARCHIVE_COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) "
				  "ON CONFLICT (first_row) DO UPDATE SET dropped_s = excluded.dropped_s",
	[STATEMENT_ARCHIVE_LIST] = "SELECT " ARCHIVE_COLUMNS " FROM archive ORDER BY first_row",
	[STATEMENT_ARCHIVE_LAST] = "SELECT last_row, last_digest FROM archive ORDER BY first_row DESC LIMIT 1",

	[STATEMENT_QUARANTINE_PUT] = "INSERT INTO quarantine (" QUARANTINE_COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5) "
				     "ON CONFLICT (package, digest) DO NOTHING",
	[STATEMENT_QUARANTINE_FIND] = "SELECT " QUARANTINE_COLUMNS " FROM quarantine "
				      "WHERE package = ?1 AND digest IN (?2, substr(?2, 1, 8)) LIMIT 1",
	[STATEMENT_QUARANTINE_OTHERS] = "SELECT " QUARANTINE_COLUMNS " FROM quarantine "
					"WHERE package = ?1 AND digest NOT IN (?2, substr(?2, 1, 8)) ORDER BY digest",
	[STATEMENT_QUARANTINE_DROP_OTHERS] = "DELETE FROM quarantine "
					     "WHERE package = ?1 AND digest NOT IN (?2, substr(?2, 1, 8))",
	[STATEMENT_QUARANTINE_LIST] =
		"SELECT " QUARANTINE_COLUMNS " FROM quarantine ORDER BY package, since_s, digest",

	[STATEMENT_PAUSE_PUT] = "INSERT INTO pause (" PAUSE_COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5) "
				"ON CONFLICT (package) DO UPDATE SET since_s = excluded.since_s, "
				"until_s = excluded.until_s, who = excluded.who, why = excluded.why",
	[STATEMENT_PAUSE_DROP] = "DELETE FROM pause WHERE package = ?1",
	[STATEMENT_PAUSE_FIND] = "SELECT " PAUSE_COLUMNS " FROM pause "
				 "WHERE package = ?1 AND (until_s = 0 OR until_s > ?2)",
	[STATEMENT_PAUSE_LIST] = "SELECT " PAUSE_COLUMNS " FROM pause ORDER BY package",

	[STATEMENT_CONTACT_PUT] = "INSERT INTO contact (" CONTACT_COLUMNS ") "
				  "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) "
				  "ON CONFLICT (opens_s) DO UPDATE SET closes_s = excluded.closes_s, "
				  "date = excluded.date, first_try_s = excluded.first_try_s, "
				  "contact_s = excluded.contact_s, attempts = excluded.attempts, "
				  "on_s = excluded.on_s, on_for_s = excluded.on_for_s, "
				  "outcome = excluded.outcome, detail = excluded.detail",
	[STATEMENT_CONTACT_FIND] = "SELECT " CONTACT_COLUMNS " FROM contact WHERE opens_s = ?1",
	[STATEMENT_CONTACT_LIST] = "SELECT " CONTACT_COLUMNS " FROM contact WHERE opens_s >= ?1 ORDER BY opens_s",
	[STATEMENT_CONTACT_FORGET_AFTER] = "DELETE FROM contact WHERE opens_s > ?1",

	[STATEMENT_CHAPTER_ADD] = "INSERT INTO chapter (" CHAPTER_COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
	[STATEMENT_CHAPTER_LIST] = "SELECT " CHAPTER_COLUMNS " FROM chapter ORDER BY number",

	[STATEMENT_REPORT_PUT] =
		"INSERT INTO report (" REPORT_COLUMNS ") "
		"VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) "
		"ON CONFLICT (number) DO UPDATE SET made_s = excluded.made_s, sent_s = excluded.sent_s, "
		"attempts = excluded.attempts, last_row = excluded.last_row, "
		"last_digest = excluded.last_digest, windows_until_s = excluded.windows_until_s, "
		"deliveries_until_s = excluded.deliveries_until_s, error = excluded.error, "
		"detail = excluded.detail",
	[STATEMENT_REPORT_NEWEST] = "SELECT " REPORT_COLUMNS " FROM report ORDER BY number DESC LIMIT 1",
	[STATEMENT_REPORT_TAKEN] =
		"SELECT " REPORT_COLUMNS " FROM report WHERE sent_s > 0 ORDER BY number DESC LIMIT 1",

	[STATEMENT_PRESENCE_PUT] = "INSERT INTO presence (" PRESENCE_COLUMNS ") VALUES (?1, ?2, ?3, ?4) "
				   "ON CONFLICT (from_s) DO UPDATE SET to_s = max(to_s, excluded.to_s)",
	[STATEMENT_PRESENCE_LIST] = "SELECT " PRESENCE_COLUMNS " FROM presence ORDER BY from_s",
	[STATEMENT_PRESENCE_FORGET] = "DELETE FROM presence WHERE to_s < ?1",

	[STATEMENT_INSTALLED_PUT] = "INSERT INTO installed (" INSTALLED_COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5) "
				    "ON CONFLICT (package) DO UPDATE SET version = excluded.version, "
				    "digest = excluded.digest, folder = excluded.folder, since_s = excluded.since_s",
	[STATEMENT_INSTALLED_DROP] = "DELETE FROM installed WHERE package = ?1",
	[STATEMENT_INSTALLED_FIND] = "SELECT " INSTALLED_COLUMNS " FROM installed WHERE package = ?1",
	[STATEMENT_INSTALLED_LIST] = "SELECT " INSTALLED_COLUMNS " FROM installed ORDER BY package",

	[STATEMENT_DELIVERY_ADD] = "INSERT INTO delivery (" DELIVERY_COLUMNS ") "
				   "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
	[STATEMENT_DELIVERY_CHANGE] = "UPDATE delivery SET (" DELIVERY_VALUES ") = "
				      "(?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14) "
				      "WHERE id = ?1 AND state = ?15",
	[STATEMENT_DELIVERY_NEWEST_ID] = "SELECT max(id) FROM delivery",
	[STATEMENT_DELIVERY_OPEN_OF_RELEASE] = "SELECT " DELIVERY_COLUMNS " FROM delivery WHERE package = ?1 "
					       "AND digest IN (?2, substr(?2, 1, 8)) "
					       "AND state IN ('planned', 'fetching', 'staged', 'activated') "
					       "ORDER BY id DESC LIMIT 1",
	[STATEMENT_DELIVERY_SUPERSEDED] = "SELECT " DELIVERY_COLUMNS " FROM delivery WHERE package = ?1 "
					  "AND state IN ('planned', 'fetching', 'staged') LIMIT 1",
	[STATEMENT_DELIVERY_LATEST] = "SELECT " DELIVERY_COLUMNS " FROM delivery WHERE package = ?1 "
				      "ORDER BY id DESC LIMIT 1",
	[STATEMENT_DELIVERY_OF_FOLDER] =
		"SELECT " DELIVERY_COLUMNS " FROM delivery WHERE package = ?1 AND folder = ?2 "
		"ORDER BY id DESC LIMIT 1",
	[STATEMENT_DELIVERY_IN_STATE] = "SELECT " DELIVERY_COLUMNS " FROM delivery WHERE package = ?1 AND state = ?2 "
					"AND folder <> ?3 ORDER BY id LIMIT 1",
	[STATEMENT_DELIVERY_EACH_LATEST] = "SELECT " DELIVERY_COLUMNS " FROM delivery WHERE id IN "
					   "(SELECT max(id) FROM delivery GROUP BY package) ORDER BY package",
	[STATEMENT_DELIVERY_SINCE] =
		"SELECT " DELIVERY_COLUMNS " FROM delivery WHERE changed_s >= ?1 ORDER BY changed_s, id",
	[STATEMENT_DELIVERY_NEXT_OPEN] = "SELECT " DELIVERY_COLUMNS " FROM delivery WHERE package > ?1 "
					 "AND state IN ('planned', 'fetching', 'staged', 'activated') "
					 "ORDER BY package, id LIMIT 1",
};

const char *statement_sql(enum statement statement)
{
	assert(statement < STATEMENT_COUNT && statements[statement]);
	return statements[statement];
}
