#include "collector/store/statements.h"

#define TERMINAL_COLUMNS                                                                                             \
	"id, key, name, institution, ring, certificate, certificate_ends_s, form, agent, environment, verdict, "     \
	"reason, words, packages, problems, number, digest, rows, head, first_s, made_s, received_s, opens_s, "      \
	"closes_s, silent_s, cause, twin_s, machine"

/* Pages of terminals in the order of their ids: $1 is the last one of the page before, $2 how many; the rest
 * narrows it where it is not empty. */
#define TERMINAL_PAGE(from, where)                                                                                   \
	"SELECT " TERMINAL_COLUMNS " FROM " from " WHERE id > $1 AND " where " AND ($3 = '' OR verdict = $3) "       \
	"AND ($4 = '' OR cause = $4) AND ($5 = '' OR institution = $5) AND ($6 = '' OR ring = $6) "                  \
	"AND ($7 = 0 OR silent_s > 0) AND ($8 = 0 OR twin_s > 0) ORDER BY id LIMIT $2"

/* The same of those that have a release, where WHERE alone leaves few. */
#define FEW_OF_RELEASE(index, where)                                                                                 \
	"SELECT " TERMINAL_COLUMNS " FROM terminal " index " WHERE " where " AND id > $1 "                           \
	"AND ($3 = '' OR verdict = $3) AND ($4 = '' OR cause = $4) AND ($5 = '' OR institution = $5) "               \
	"AND ($6 = '' OR ring = $6) AND ($7 = 0 OR silent_s > 0) AND ($8 = 0 OR twin_s > 0) "                        \
	"AND EXISTS (SELECT 1 FROM installed WHERE installed.terminal = id AND package = $9 AND version = $10 "      \
	"AND ($11 = '' OR state = $11)) ORDER BY id LIMIT $2"

#define DELIVERY_COLUMNS                                                                                             \
	"delivery.terminal, release.package, release.version, release.digest, delivery.state, delivery.campaign, "   \
	"delivery.planned_s, delivery.changed_s, delivery.attempts, delivery.error, delivery.detail, "               \
	"delivery.report"

/* Of two releases with one version, which differ in their digests, the one that came first is meant: a terminal
 * that has lost the digest knows its first digits only, and makes another of it. One release alone keeps the order
 * of its index. */
#define RELEASE_ID(package, version)                                                                                 \
	"(SELECT id FROM release WHERE package = " package " AND version = " version                                 \
	" ORDER BY length(digest) DESC, first_s LIMIT 1)"

/* $5: names between blanks; "": all. */
#define IN_PACKAGES "AND ($5 = '' OR $5 LIKE '% ' || release.package || ' %') "

/* SQLite goes through the tables of a CROSS JOIN from left to right: first to the few deliveries of the page. */
#define DELIVERY_PAGE(index, where)                                                                                  \
	"SELECT " DELIVERY_COLUMNS ", terminal.key, terminal.name, terminal.institution FROM delivery " index " "    \
	"CROSS JOIN release CROSS JOIN terminal WHERE delivery.release = " RELEASE_ID(                               \
		"$3", "$4") " "                                                                                      \
			    "AND release.id = delivery.release AND terminal.id = delivery.terminal AND "             \
			    "delivery.terminal >= $1 "                                                               \
			    "AND (delivery.terminal > $1 OR delivery.planned_s > $5) " where                         \
			    "ORDER BY delivery.terminal, delivery.planned_s LIMIT $2"

/* The terminal that bears a certificate now was seen with it when it last reported. */
#define CERTIFICATE_LIST                                                                                             \
	"SELECT fingerprint, subject, certificate.name, institution, serial, ends_s, first_s, issued_s, ring, "      \
	"revoked_s, why, text, coalesce((SELECT max(received_s) FROM terminal "                                      \
	"WHERE terminal.certificate = fingerprint), last_s) FROM certificate "

/* What terminals say is without end, where one of them invents it; what many say comes first. ORDER: the count first. */
#define MOST_COMMON(order, most) "ORDER BY " order " LIMIT " most

/* The twenty highest numbers, those first that more than one terminal tells of: what one alone says hides no campaign. Of 400 at most,
 * found one by one, as there are many deliveries and few numbers. */
#define NEWEST_CAMPAIGNS                                                                                             \
	"(WITH RECURSIVE seen (number, place) AS (SELECT max(campaign), 1 FROM delivery UNION ALL "                  \
	"SELECT (SELECT max(campaign) FROM delivery WHERE campaign < seen.number), place + 1 FROM seen "             \
	"WHERE seen.number > 0 AND place < 400) SELECT number FROM seen WHERE number > 0 ORDER BY "                  \
	"(SELECT count(DISTINCT terminal) FROM (SELECT terminal FROM delivery WHERE campaign = seen.number LIMIT 50) " \
	"AS few) > 1 DESC, number DESC LIMIT 20)"

#define GONE(verdict)                                                                                                \
	"verdict = '" verdict "', reason = '" verdict "', silent_s = 0, cause = '', closes_s = 253402300799"

#define ROLLOUT_COLUMNS                                                                                              \
	"id, package, version, digest, attempt, plan, began_s, stages_open, opened_night, stopped_s, stopped_by, "   \
	"why, verdict, judged_s, judgement, is_over"
/* What a terminal told last of the release $2; 'gone' where it tells nothing of it any more. */
#define TRIAL_STATE                                                                                                  \
	"coalesce((SELECT state FROM delivery WHERE delivery.terminal = trial.terminal AND delivery.release = $2 "   \
	"ORDER BY planned_s DESC LIMIT 1), 'gone')"
/* The night in which a terminal was heard of last (collector/store/night.h). */
#define LAST_NIGHT_OF(terminal) "((" terminal ".received_s - 10800) / 86400)"
/* How many nights lie between a terminal's last report and the one at $19; and how often it was missing then, the sum of
 * collector/judgement/others.h. */
#define NIGHTS_SINCE "((CAST($19 AS BIGINT) - 10800) / 86400 - (received_s - 10800) / 86400)"
#define ABSENCE_THEN "(absence * (14 - " NIGHTS_SINCE ") / 14 + 100 * (" NIGHTS_SINCE " - 1))"
#define ABSENCE                                                                                                      \
	"CASE WHEN " NIGHTS_SINCE " <= 0 THEN absence WHEN " NIGHTS_SINCE " >= 14 OR " ABSENCE_THEN                   \
	" > 500 THEN 500 ELSE " ABSENCE_THEN " END"
#define STEADY "CASE WHEN absence < 200 THEN 1 ELSE 0 END"
/* Terminals are alike whose institution's code begins with the same region, who both were, or were not, heard of the night
 * before, and who both are, or are not, missing time and again. */
#define TRIAL_KIND                                                                                                   \
	"substr(institution, 1, 2) || CASE WHEN (received_s - 10800) / 86400 - (before_s - 10800) / 86400 = 1 THEN "  \
	"'+' ELSE '-' END || " STEADY
#define TRIAL_BASE                                                                                                   \
	"(SELECT base FROM cohort WHERE cohort.rollout = trial.rollout AND cohort.night = trial.night)"
/* A terminal takes it once. One that stood beside others until now in the same night is one of them. */
#define TRIAL_TAKES                                                                                                  \
	"AND NOT EXISTS (SELECT 1 FROM trial WHERE trial.rollout = $1 AND trial.terminal = delivery.terminal AND "    \
	"trial.kind <> 'other') GROUP BY terminal.id, terminal.received_s, terminal.absence ON CONFLICT (rollout, terminal, night) "    \
	"DO UPDATE SET kind = excluded.kind, came = excluded.came, state = excluded.state"
#define TRIAL_LAST_NIGHT                                                                                             \
	"(SELECT " LAST_NIGHT_OF("terminal") " FROM terminal WHERE terminal.id = trial.terminal)"

static const char *const statements[STATEMENT_COUNT] = {
	/* The parameter is there because all that ask for one number have one. */
	[STATEMENT_SCHEMA_STEP] = "SELECT coalesce(max(step), 0) FROM haishin_schema WHERE step > $1",
	[STATEMENT_SETTING_GET] = "SELECT value FROM setting WHERE name = $1",
	[STATEMENT_SETTING_ADD] = "INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",

	[STATEMENT_TERMINAL_RESERVE] = "INSERT INTO terminal (" TERMINAL_COLUMNS ") "
				       "VALUES ($1, $2, '', '', '', '', 0, 0, '', '', '', '', '', '', '', 0, '', 0, "
				       "'', $3, 0, 0, 0, 0, 0, '', 0, '') "
				       "ON CONFLICT (id) DO NOTHING",
	[STATEMENT_TERMINAL_FIND] = "SELECT " TERMINAL_COLUMNS " FROM terminal WHERE id = $1",
	[STATEMENT_TERMINAL_LOCK_THESE] =
		"SELECT " TERMINAL_COLUMNS " FROM terminal WHERE id IN @numbers ORDER BY id @locked",
	[STATEMENT_TERMINAL_CHANGE] =
		"UPDATE terminal SET before_s = CASE WHEN (received_s - 10800) / 86400 < (CAST($19 AS BIGINT) - 10800) / 86400 THEN "
		"received_s ELSE before_s END, absence = " ABSENCE ", "
		"name = $2, institution = $3, certificate = $4, certificate_ends_s = $5, form = "
		"$6, "
		"agent = $7, environment = $8, verdict = $9, reason = $10, words = $11, packages = $12, problems = "
		"$13, "
		"number = $14, digest = $15, rows = $16, head = $17, made_s = $18, received_s = $19, opens_s = $20, "
		"closes_s = $21, silent_s = $22, cause = $23, twin_s = $24, machine = $25 WHERE id = $1",

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
		"ON CONFLICT (fingerprint) DO UPDATE SET text = excluded.text, "
		"first_s = CASE WHEN certificate.first_s = 0 THEN excluded.first_s ELSE certificate.first_s END "
		"WHERE certificate.text = '' OR certificate.first_s = 0",
	[STATEMENT_CERTIFICATE_TEXT] = "SELECT text FROM certificate WHERE fingerprint = $1",
	[STATEMENT_CERTIFICATE_LAST] = "UPDATE certificate SET last_s = $2 WHERE fingerprint = $1",
	[STATEMENT_CERTIFICATE_ISSUED] =
		"INSERT INTO certificate (fingerprint, subject, name, institution, serial, ends_s, first_s, text, "
		"issued_s, ring) VALUES ($1, $2, $3, $4, $5, $6, 0, '', $7, $8)",
	[STATEMENT_CERTIFICATE_FIND] = CERTIFICATE_LIST "WHERE fingerprint = $1",
	[STATEMENT_CERTIFICATES_OF_NAME] = CERTIFICATE_LIST "WHERE certificate.name = $1 AND institution = $2 AND ends_s > $3 "
							    "ORDER BY ends_s, fingerprint",
	[STATEMENT_INSTITUTIONS_OF_NAME] =
		"SELECT institution FROM certificate WHERE name = $1 AND ends_s > $2 AND revoked_s = 0 UNION "
		"SELECT institution FROM enrolment WHERE name = $1 AND until_s > $2 AND used_s = 0 ORDER BY 1 LIMIT 2",
	[STATEMENT_CERTIFICATE_OF_SERIAL] = CERTIFICATE_LIST "WHERE serial = $1 ORDER BY fingerprint",
	[STATEMENT_CERTIFICATE_REVOKE] = "UPDATE certificate SET revoked_s = $2, why = $3 "
					 "WHERE fingerprint = $1 AND revoked_s = 0",
	[STATEMENT_CERTIFICATES_HOLDING] = "SELECT count(*) FROM certificate WHERE subject = $1 AND issued_s > 0 "
					   "AND revoked_s = 0 AND ends_s > $2",
	[STATEMENT_CERTIFICATES_SUPERSEDE] =
		"UPDATE certificate SET revoked_s = $3, why = $4, superseded = 1 WHERE name = $1 AND institution = $2 "
		"AND issued_s > 0 AND revoked_s = 0 AND fingerprint <> $5",
	/* A day longer than it would have been valid: clocks differ. */
	[STATEMENT_CERTIFICATES_REVOKED] = "SELECT serial, revoked_s, superseded FROM certificate "
					   "WHERE revoked_s > 0 AND ends_s > $1 - 86400 ORDER BY serial",
	[STATEMENT_CERTIFICATES_REVOKED_COUNT] =
		"SELECT count(*), coalesce(max(revoked_s), 0) FROM certificate WHERE revoked_s > 0",

	[STATEMENT_ENROLMENT_ADD] = "INSERT INTO enrolment (selector, digest, name, institution, ring, made_s, "
				    "until_s, tries, used_s, used_key) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, '')",
	[STATEMENT_ENROLMENT_FIND] = "SELECT digest, name, institution, ring, until_s, tries, used_s, used_key "
				     "FROM enrolment WHERE selector = $1 @locked",
	[STATEMENT_ENROLMENT_TRIED] = "UPDATE enrolment SET tries = tries + 1 WHERE selector = $1",
	[STATEMENT_ENROLMENT_USED] = "UPDATE enrolment SET used_s = $2, used_key = $3 WHERE selector = $1",
	[STATEMENT_ENROLMENT_VOID] = "DELETE FROM enrolment WHERE name = $1 AND institution = $2 AND used_s = 0",
	[STATEMENT_ENROLMENT_END] = "UPDATE enrolment SET until_s = $3 WHERE name = $1 AND institution = $2 "
				   "AND used_s > 0 AND until_s > $3",
	[STATEMENT_ENROLMENT_FORGET] = "DELETE FROM enrolment WHERE until_s < $1",

	[STATEMENT_TERMINAL_RING] = "UPDATE terminal SET ring = "
				    "coalesce((SELECT ring FROM certificate WHERE fingerprint = $2), '') WHERE id = $1",
	[STATEMENT_TERMINAL_FORMER] = "SELECT id, key FROM terminal WHERE name = $1 AND institution = $2 "
				      "AND verdict <> 'replaced' ORDER BY received_s DESC LIMIT 1",
	/* Nothing is expected of it any more; should it report all the same, it is there again. */
	[STATEMENT_TERMINAL_REPLACED] = "UPDATE terminal SET " GONE("replaced") " WHERE id = $1",
	[STATEMENT_TERMINALS_REVOKED] = "UPDATE terminal SET " GONE("revoked") " WHERE certificate = $1",

	[STATEMENT_TERMINALS] = TERMINAL_PAGE("terminal", "id < 9223372036854775807"),
	[STATEMENT_TERMINALS_OF_VERDICT] = TERMINAL_PAGE("terminal", "verdict = $3"),
	[STATEMENT_TERMINALS_OF_CAUSE] = TERMINAL_PAGE("terminal", "silent_s > 0 AND cause = $4"),
	[STATEMENT_TERMINALS_SILENT] = TERMINAL_PAGE("terminal", "silent_s > 0"),
	[STATEMENT_TERMINALS_TWINS] = TERMINAL_PAGE("terminal", "twin_s > 0"),
	[STATEMENT_TERMINALS_OF_INSTITUTION] = TERMINAL_PAGE("terminal", "institution = $5"),
	/* The index alone finds those of the page, so that rows are read for these only. */
	[STATEMENT_TERMINALS_OF_RING] =
		"SELECT " TERMINAL_COLUMNS
		" FROM terminal WHERE id IN (SELECT id FROM terminal @byring WHERE ring = $6 AND id > $1 "
		"AND ($3 = '' OR verdict = $3) AND ($4 = '' OR cause = $4) AND ($5 = '' OR institution = $5) "
		"AND ($7 = 0 OR silent_s > 0) AND ($8 = 0 OR twin_s > 0) ORDER BY id LIMIT $2) ORDER BY id",
	[STATEMENT_TERMINALS_OF_RELEASE] =
		"SELECT " TERMINAL_COLUMNS " FROM terminal WHERE id IN (SELECT installed.terminal FROM installed CROSS JOIN "
		"terminal AS found @byfilter WHERE found.id = installed.terminal AND installed.terminal > $1 "
		"AND installed.package = $9 AND installed.version = $10 AND ($11 = '' OR installed.state = $11) "
		"AND ($3 = '' OR found.verdict = $3) AND ($4 = '' OR found.cause = $4) "
		"AND ($5 = '' OR found.institution = $5) AND ($6 = '' OR found.ring = $6) "
		"AND ($7 = 0 OR found.silent_s > 0) AND ($8 = 0 OR found.twin_s > 0) "
		"ORDER BY installed.terminal LIMIT $2) ORDER BY id",
	/* Of those that are silent, two with one key, of one ring or of a rare verdict, few, each is asked what it has. */
	[STATEMENT_TERMINALS_SILENT_OF_RELEASE] = FEW_OF_RELEASE("", "silent_s > 0"),
	[STATEMENT_TERMINALS_TWINS_OF_RELEASE] = FEW_OF_RELEASE("", "twin_s > 0"),
	[STATEMENT_TERMINALS_OF_RING_AND_RELEASE] = FEW_OF_RELEASE("@byring", "ring = $6"),
	[STATEMENT_TERMINALS_OF_VERDICT_AND_RELEASE] = FEW_OF_RELEASE("@byverdict", "verdict = $3"),
	[STATEMENT_COUNT_OF_VERDICT] = "SELECT count(*) FROM (SELECT 1 AS one FROM terminal WHERE verdict = $1 LIMIT $2) AS few",

	[STATEMENT_TERMINALS_BY_NAME] = "SELECT " TERMINAL_COLUMNS " FROM terminal WHERE (name, id) > ($3, $1) "
					"AND name < $4 ORDER BY name, id LIMIT $2",

	[STATEMENT_TERMINALS_OF_KEY] =
		"SELECT " TERMINAL_COLUMNS " FROM terminal WHERE id >= $1 AND id <= $2 ORDER BY id LIMIT $3",

	[STATEMENT_TERMINALS_DUE] =
		"SELECT id, opens_s, closes_s FROM terminal WHERE silent_s = 0 AND closes_s <= $1 "
		"ORDER BY closes_s LIMIT $2",
	/* A certificate that ended by then explains it for certain. A report that came meanwhile has moved
	 * closes_s. */
	[STATEMENT_TERMINAL_SILENT] =
		"UPDATE terminal SET silent_s = closes_s, cause = CASE WHEN certificate_ends_s <= closes_s "
		"THEN 'certificate' ELSE words END WHERE id = $1 AND silent_s = 0 AND closes_s = $2",
	[STATEMENT_TERMINAL_EXCUSED] = "UPDATE terminal SET opens_s = opens_s + $3, closes_s = closes_s + $3 "
				       "WHERE id = $1 AND silent_s = 0 AND closes_s = $2",
	/* Whole days earlier, so that the window closes within the next one. */
	[STATEMENT_TERMINALS_BRING_BACK] =
		"UPDATE terminal SET opens_s = opens_s - (closes_s - $1) / 86400 * 86400, "
		"closes_s = closes_s - (closes_s - $1) / 86400 * 86400 "
		"WHERE silent_s = 0 AND closes_s > $2 AND closes_s < 253402300799",

	[STATEMENT_DELIVERIES_OF_RELEASE] = DELIVERY_PAGE("", ""),
	[STATEMENT_DELIVERIES_IN_STATE] = DELIVERY_PAGE("@bystate", "AND delivery.state = $6 "),
	[STATEMENT_DELIVERIES_OF_TERMINAL] = "SELECT " DELIVERY_COLUMNS ", '', '', '' FROM delivery "
					     "JOIN release ON release.id = delivery.release "
					     "WHERE delivery.terminal = $1 ORDER BY delivery.changed_s DESC LIMIT $2",
	[STATEMENT_DELIVERIES_OF_CAMPAIGN] =
		"SELECT " DELIVERY_COLUMNS ", terminal.key, terminal.name, terminal.institution FROM delivery "
		"JOIN release ON release.id = delivery.release JOIN terminal ON terminal.id = delivery.terminal "
		"WHERE delivery.campaign = $3 AND delivery.state = $6 AND delivery.terminal >= $1 "
		"AND (delivery.terminal > $1 OR delivery.planned_s > $4) " IN_PACKAGES
		"ORDER BY delivery.terminal, delivery.planned_s LIMIT $2",
	[STATEMENT_DELIVERIES_LEFT] =
		"SELECT " DELIVERY_COLUMNS ", terminal.key, terminal.name, terminal.institution FROM delivery "
		"JOIN release ON release.id = delivery.release JOIN terminal ON terminal.id = delivery.terminal "
		"WHERE delivery.campaign = $3 AND delivery.state <> 'confirmed' AND delivery.terminal >= $1 "
		"AND (delivery.terminal > $1 OR delivery.planned_s > $4) " IN_PACKAGES
		"ORDER BY delivery.terminal, delivery.planned_s LIMIT $2",
	[STATEMENT_DELIVERY_REASONS] =
		"SELECT delivery.state, error, detail, count(*) FROM release "
		"JOIN delivery ON delivery.release = release.id WHERE package = $1 AND version = $2 "
		"AND delivery.state IN ('rolled-back', 'rejected', 'failed') GROUP BY 1, 2, 3 ORDER BY 4 DESC LIMIT "
		"100",
	[STATEMENT_CERTIFICATES] = CERTIFICATE_LIST "WHERE fingerprint > $2 ORDER BY fingerprint LIMIT $1",
	[STATEMENT_CERTIFICATES_NAMED] =
		CERTIFICATE_LIST "WHERE certificate.name = $3 AND fingerprint > $2 AND ($4 = '' OR institution = $4) "
				 "ORDER BY fingerprint LIMIT $1",
	[STATEMENT_CERTIFICATES_OF_INSTITUTION] =
		CERTIFICATE_LIST "WHERE institution = $3 AND fingerprint > $2 ORDER BY fingerprint LIMIT $1",

	[STATEMENT_PRESENCE_PUT] = "INSERT INTO presence (collector, from_s, to_s) VALUES ($1, $2, $3) "
				   "ON CONFLICT (collector, from_s) DO UPDATE SET to_s = excluded.to_s",
	[STATEMENT_PRESENCE_BETWEEN] =
		"SELECT from_s, to_s FROM presence WHERE to_s >= $1 AND from_s <= $2 ORDER BY from_s",
	[STATEMENT_PRESENCE_NEXT] = "SELECT coalesce(min(from_s), 0) FROM presence WHERE to_s >= $1",
	[STATEMENT_LEASE_TAKE] =
		"INSERT INTO lease (name, holder, until_s) VALUES ($1, $2, $3) ON CONFLICT (name) DO UPDATE "
		"SET holder = excluded.holder, until_s = excluded.until_s "
		"WHERE lease.holder = excluded.holder OR lease.until_s <= $4",

	[STATEMENT_ACCESS_ADD] = "INSERT INTO access (at_s, subject, role, terminal) VALUES ($1, $2, $3, $4)",
	[STATEMENT_ACCESS_LIST] =
		"SELECT at_s, subject, role FROM access WHERE terminal = $1 ORDER BY at_s DESC LIMIT $2",
	[STATEMENT_ACCESS_FORGET] = "DELETE FROM access WHERE at_s < $1",

	[STATEMENT_FIGURE_CLEAR] = "DELETE FROM summary WHERE night = $1",
	[STATEMENT_FIGURE_PUT] = "INSERT INTO summary (night, kind, name, figure) VALUES ($1, $2, $3, $4)",
	[STATEMENT_FIGURES] = "SELECT kind, name, figure FROM summary WHERE night = $1 ORDER BY kind, name",
	[STATEMENT_FIGURE_NEWEST] = "SELECT coalesce(max(night), $1) FROM summary WHERE night <= $1",
	[STATEMENT_FIGURE_NIGHTS] =
		"SELECT night, name, figure FROM summary WHERE night >= $1 AND night <= $2 AND kind = 'fleet' "
		"ORDER BY night DESC, name",


	[STATEMENT_UNLOGGED_ADD] = "INSERT INTO unlogged (digest, since_s, terminal, number, rows, head) "
				   "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (digest) DO NOTHING",
	[STATEMENT_UNLOGGED_OLDEST] =
		"SELECT digest, terminal, number, rows, head FROM unlogged ORDER BY since_s, number LIMIT $1",
	[STATEMENT_UNLOGGED_DROP] = "DELETE FROM unlogged WHERE digest = $1",
	[STATEMENT_UNLOGGED_COUNT] = "SELECT count(*) FROM unlogged WHERE since_s > $1",
	[STATEMENT_LOGGED_ADD] = "INSERT INTO logged (position, digest) VALUES ($1, $2)",
	[STATEMENT_LOGGED_FIND] = "SELECT position FROM logged WHERE digest = $1 ORDER BY position LIMIT 1",
	[STATEMENT_LOGGED_COUNT] = "SELECT coalesce(max(position) + 1, 0) FROM logged WHERE position > $1",
	[STATEMENT_COSIGNED_PUT] = "INSERT INTO cosigned (minute, size, note) VALUES ($1, $2, $3) "
				   "ON CONFLICT (minute) DO UPDATE SET size = excluded.size, note = excluded.note",
	[STATEMENT_COSIGNED_FIND] =
		"SELECT size, note FROM cosigned WHERE size > $1 ORDER BY size, minute LIMIT 1 OFFSET $2",
	[STATEMENT_COSIGNED_FORGET] = "DELETE FROM cosigned WHERE minute < $1",

	[STATEMENT_COUNT_VERDICTS] = "SELECT verdict, count(*) FROM terminal GROUP BY verdict " MOST_COMMON("2 DESC, 1", "1000"),
	[STATEMENT_COUNT_CAUSES] = "SELECT cause, count(*) FROM terminal WHERE silent_s > 0 GROUP BY cause",
	[STATEMENT_COUNT_TWINS] = "SELECT count(*) FROM terminal WHERE twin_s > $1",
	[STATEMENT_COUNT_CONTACTS] = "SELECT (received_s - $1) / 900, count(*) FROM terminal "
				     "WHERE received_s >= $1 AND received_s < $1 + 86400 GROUP BY 1",
	[STATEMENT_COUNT_WINDOWS] = "SELECT (opens_s - 10800) % 86400 / 900, (closes_s - opens_s) / 900, count(*) "
				    "FROM terminal GROUP BY 1, 2",
	[STATEMENT_COUNT_INSTALLED] =
		"SELECT package, version, state, count(*) FROM installed GROUP BY package, version, state "
		MOST_COMMON("4 DESC, 1, 2, 3", "4000"),
	[STATEMENT_COUNT_DELIVERIES] = "SELECT package, version, state, count(*) FROM release JOIN delivery ON "
				       "delivery.release = release.id "
				       "WHERE release.first_s >= $1 GROUP BY package, version, state "
				       MOST_COMMON("4 DESC, 1, 2, 3", "4000"),
	[STATEMENT_COUNT_DAYS] =
		"SELECT package, version, (changed_s - planned_s) / 86400, count(*) FROM release "
		"JOIN delivery ON delivery.release = release.id WHERE release.first_s >= $1 AND state = 'confirmed' "
		"GROUP BY 1, 2, 3 " MOST_COMMON("4 DESC, 1, 2, 3", "16000"),
	[STATEMENT_COUNT_SILENT_RELEASES] =
		"SELECT package, version, count(*) FROM terminal JOIN installed ON installed.terminal = terminal.id "
		"WHERE silent_s > 0 GROUP BY package, version " MOST_COMMON("3 DESC, 1, 2", "4000"),
	[STATEMENT_CAMPAIGNS_BEGAN] =
		"SELECT campaign, min(planned_s) FROM delivery WHERE campaign IN " NEWEST_CAMPAIGNS " GROUP BY campaign",
	[STATEMENT_CAMPAIGNS_NEWEST] =
		"SELECT campaign, max(planned_s) FROM delivery WHERE campaign IN " NEWEST_CAMPAIGNS " GROUP BY campaign",
	[STATEMENT_COUNT_CAMPAIGNS] =
		"SELECT campaign, state, count(*) FROM delivery WHERE campaign IN " NEWEST_CAMPAIGNS
		" GROUP BY campaign, state " MOST_COMMON("3 DESC, 1, 2", "1000"),

	[STATEMENT_ROLLOUT_ADD] =
		"INSERT INTO rollout (" ROLLOUT_COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, '', '', '', "
		"0, '', 0) ON CONFLICT (id) DO NOTHING",
	[STATEMENT_ROLLOUT_FIND] = "SELECT " ROLLOUT_COLUMNS " FROM rollout WHERE id = $1",
	[STATEMENT_ROLLOUT_FIND_VERSION] = "SELECT " ROLLOUT_COLUMNS " FROM rollout WHERE package = $1 AND version = $2 "
					   "ORDER BY is_over, attempt DESC, began_s DESC LIMIT 1",
	[STATEMENT_ROLLOUTS] =
		"SELECT " ROLLOUT_COLUMNS " FROM rollout ORDER BY is_over, began_s DESC, package, attempt DESC LIMIT $1",
	[STATEMENT_ROLLOUT_PLAN] = "UPDATE rollout SET plan = $2, is_over = 0 WHERE id = $1 "
				   "AND (plan <> $2 OR is_over <> 0)",
	[STATEMENT_ROLLOUT_END_OTHERS] = "UPDATE rollout SET is_over = 1 WHERE is_over = 0 AND id NOT IN @numbers",
	[STATEMENT_ROLLOUT_JUDGED] =
		"UPDATE rollout SET verdict = $2, judged_s = $3, judgement = $4 WHERE id = $1",
	[STATEMENT_ROLLOUT_OPEN] = "UPDATE rollout SET stages_open = $2, opened_night = $3 WHERE id = $1",
	[STATEMENT_ROLLOUT_STOP] = "UPDATE rollout SET stopped_s = $2, stopped_by = $3, why = $4 "
				   "WHERE id = $1 AND stopped_s = 0",
	[STATEMENT_ROLLOUT_EVENT_ADD] =
		"INSERT INTO rollout_event (rollout, at_s, what, stage, by, why) VALUES ($1, $2, $3, $4, $5, $6)",
	[STATEMENT_ROLLOUT_EVENTS] = "SELECT at_s, what, stage, by, why FROM rollout_event WHERE rollout = $1 "
				     "ORDER BY at_s, what, stage LIMIT 200",

	[STATEMENT_TRIAL_STATE] = "UPDATE trial SET state = " TRIAL_STATE " WHERE rollout = $1 AND kind = 'took' "
				  "AND state IN ('staged', 'activated') AND state <> " TRIAL_STATE,
	/* Or it was through within the night in which it took it. */
	[STATEMENT_TRIAL_CAME] =
		"UPDATE trial SET came = CASE WHEN state IN ('staged', 'activated') THEN 2 ELSE 1 END WHERE rollout = $1 "
		"AND kind <> 'late' AND came = 0 AND (" TRIAL_LAST_NIGHT " > " TRIAL_BASE " OR (" TRIAL_BASE " = night "
		"AND state IN ('confirmed', 'rolled-back')))",
	[STATEMENT_TRIAL_BEGIN] =
		"INSERT INTO trial (rollout, terminal, night, kind, came, state, steady) SELECT CAST($1 AS BIGINT), terminal.id, "
		LAST_NIGHT_OF("terminal") ", 'took', 0, max(delivery.state), " STEADY " FROM delivery JOIN terminal ON "
		"terminal.id = delivery.terminal WHERE delivery.release = $2 AND delivery.state IN ('staged', 'activated') "
		TRIAL_TAKES,
	/* Who told only how it ended says nothing about silence. */
	[STATEMENT_TRIAL_LATE] =
		"INSERT INTO trial (rollout, terminal, night, kind, came, state) SELECT CAST($1 AS BIGINT), terminal.id, "
		LAST_NIGHT_OF("terminal") ", 'late', 1, max(delivery.state) FROM delivery JOIN terminal ON "
		"terminal.id = delivery.terminal WHERE delivery.release = $2 "
		"AND delivery.state IN ('confirmed', 'rolled-back') AND delivery.changed_s >= $3 " TRIAL_TAKES,
	[STATEMENT_TRIAL_COHORTS] = "INSERT INTO cohort (rollout, night, base) SELECT DISTINCT rollout, night, night FROM "
				    "trial WHERE rollout = $1 ON CONFLICT (rollout, night) DO NOTHING",
	/* Of each kind of terminal as many as collector/judgement/others.h says. $3: the night, $4: all, $5: those that took it. */
	[STATEMENT_TRIAL_OTHERS] =
		"INSERT INTO trial (rollout, terminal, night, kind, came, state, steady) SELECT CAST($1 AS BIGINT), found.id, CAST($3 AS BIGINT), 'other', 0, '', "
		"found.steady FROM (SELECT id, " STEADY " AS steady, " TRIAL_KIND " AS alike, row_number() OVER (PARTITION BY " TRIAL_KIND
		" ORDER BY id) AS place FROM terminal WHERE received_s >= CAST($3 AS BIGINT) * 86400 + 10800 "
		"AND received_s < CAST($3 AS BIGINT) * 86400 + 97200 AND NOT EXISTS (SELECT 1 FROM trial WHERE trial.rollout = $1 "
		"AND trial.terminal = terminal.id AND (night = $3 OR kind <> 'other')) AND NOT EXISTS (SELECT 1 FROM delivery "
		"WHERE delivery.terminal = terminal.id AND delivery.release = $2 AND delivery.state IN ('staged', "
		"'activated', 'confirmed', 'rolled-back'))) AS found JOIN (SELECT " TRIAL_KIND " AS alike, "
		"(sum(CASE WHEN kind = 'took' THEN 1 ELSE 0 END) * CAST($4 AS BIGINT) + CAST($5 AS BIGINT) - 1) / CAST($5 AS BIGINT) - "
		"sum(CASE WHEN kind = 'other' THEN 1 ELSE 0 END) AS missing FROM trial JOIN terminal "
		"ON terminal.id = trial.terminal WHERE trial.rollout = $1 AND trial.night = $3 AND kind <> 'late' "
		"GROUP BY 1) AS wanted ON wanted.alike = found.alike WHERE found.place <= wanted.missing",
	[STATEMENT_TRIAL_BASE] = "UPDATE cohort SET base = $3 WHERE rollout = $1 AND night = $2 AND base < $3",
	[STATEMENT_TRIAL_ANEW] = "UPDATE trial SET came = 0 WHERE rollout = $1 AND night = $2 AND kind <> 'late'",
	[STATEMENT_TRIAL_COUNT] = "SELECT trial.night, kind, came, state, count(*), max(base), steady FROM trial JOIN cohort ON "
				  "cohort.rollout = trial.rollout AND cohort.night = trial.night WHERE trial.rollout = $1 "
				  "GROUP BY trial.night, kind, came, state, steady ORDER BY trial.night",
	[STATEMENT_TRIAL_FORGET] =
		"DELETE FROM trial WHERE rollout IN (SELECT id FROM rollout WHERE is_over = 1 AND began_s < $1)",

	[STATEMENT_BRAKE_GET] = "SELECT version, issued_s, content, text FROM brake WHERE name = 'statement'",
	[STATEMENT_BRAKE_PUT] =
		"INSERT INTO brake (name, version, issued_s, content, text) VALUES ('statement', $1, $2, $3, $4) "
		"ON CONFLICT (name) DO UPDATE SET version = excluded.version, issued_s = excluded.issued_s, "
		"content = excluded.content, text = excluded.text",
};

const char *statement_sql(enum statement statement)
{
	return statements[statement];
}
