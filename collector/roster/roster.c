#include "collector/roster/roster.h"

#include <fcntl.h>
#include <string.h>

#include "collector/authority/authority_crl.h"
#include "common/fs.h"

/* ---- The list ---- */

static void read_entry(struct query *query, struct roster_entry *ret_entry)
{
	*ret_entry = (struct roster_entry){
		.fingerprint = row_text(query, 0),
		.subject = row_text(query, 1),
		.name = row_text(query, 2),
		.institution = row_text(query, 3),
		.serial = row_text(query, 4),
		.ends_s = row_number(query, 5),
		.first_s = row_number(query, 6),
		.issued_s = row_number(query, 7),
		.ring = row_text(query, 8),
		.revoked_s = row_number(query, 9),
		.why = row_text(query, 10),
		.text = row_text(query, 11),
		.last_s = row_number(query, 12),
	};
}

int roster_each(struct database *database, const char *after, const char *name, const char *institution, int64_t most,
	int (*each)(void *context, const struct roster_entry *entry, struct error *err), void *context,
	struct error *err)
{
	enum statement statement = *name	 ? STATEMENT_CERTIFICATES_NAMED
				   : *institution ? STATEMENT_CERTIFICATES_OF_INSTITUTION
						  : STATEMENT_CERTIFICATES;
	AUTO(query) struct query *query = query_new(database, statement, err);
	struct roster_entry entry;
	int found;

	query_number(query, most);
	query_text(query, after);
	if (*name || *institution)
		query_text(query, *name ? name : institution);
	if (*name)
		query_text(query, institution);
	while ((found = query_next(query, err)) > 0) {
		read_entry(query, &entry);
		if (each(context, &entry, err) < 0)
			return -1;
	}
	return found;
}

/* ---- Issuing ---- */

static int add(struct database *database, const struct authority_issued *issued, const struct enrolment *bearer,
	int64_t now_s, struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_CERTIFICATE_ISSUED, err);

	query_text(query, issued->fingerprint);
	query_text(query, issued->subject);
	query_text(query, bearer->name);
	query_text(query, bearer->institution);
	query_text(query, issued->serial);
	query_number(query, issued->ends_s);
	query_number(query, now_s);
	query_text(query, bearer->ring);
	return query_run(query, err);
}

/* A certificate must not give its bearer a role: these are given by the settings alone. FORMER is NULL for a renewal, which keeps
 * the names as they are. */
static int issue(const struct roster *roster, struct database *database, const struct authority_request *request,
	const struct enrolment *bearer, const char *former, int64_t now_s, struct authority_issued *ret_issued,
	struct error *err)
{
	const struct authority_bearer named = {.name = bearer->name,
		.institution = bearer->institution,
		.as_requested = !former,
		.former = former ? former : ""};

	if (authority_issue(roster->authority, request, &named, now_s, roster->config->authority_days, ret_issued,
		    err) < 0)
		return -1;
	if (config_role_of(roster->config, ret_issued->subject))
		return error_set(err, ERROR_REFUSED,
			"'%s' has a role in the collector's settings, and no certificate is issued for it here",
			ret_issued->subject);
	return add(database, ret_issued, bearer, now_s, err);
}

static int find_former(struct database *database, const struct enrolment *enrolment,
	char ret_key[static SHA256_HEX_SIZE], int64_t *ret_id, struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_TERMINAL_FORMER, err);
	int found;

	ret_key[0] = '\0';
	query_text(query, enrolment->name);
	query_text(query, enrolment->institution);
	if ((found = query_next(query, err)) > 0) {
		*ret_id = row_number(query, 0);
		row_copy(query, 1, ret_key, SHA256_HEX_SIZE);
	}
	return found < 0 ? -1 : 0;
}

/* The terminal that bore the name: should it be the same one, its next report says so. Rows are locked in the order of those who
 * keep reports: the terminal's first. */
static int replace(struct database *database, int64_t id, const struct enrolment *enrolment,
	const struct authority_issued *issued, int64_t now_s, bool *ret_revoked, struct error *err)
{
	AUTO(query) struct query *others = query_new(database, STATEMENT_CERTIFICATES_SUPERSEDE, err);
	AUTO(query) struct query *former = query_new(database, STATEMENT_TERMINAL_REPLACED, err);

	query_text(others, enrolment->name);
	query_text(others, enrolment->institution);
	query_number(others, now_s);
	query_text(others, "another terminal was enrolled in its place");
	query_text(others, issued->fingerprint);
	query_number(former, id);
	if (query_run(former, err) < 0 || query_run(others, err) < 0)
		return -1;
	*ret_revoked = database_changed(database) > 0;
	return 0;
}

static int enrol(const struct roster *roster, struct database *database, const struct enrolment *enrolment,
	const struct authority_request *request, int64_t now_s, struct authority_issued *ret_issued, bool *ret_revoked,
	struct error *err)
{
	char former[SHA256_HEX_SIZE];
	int64_t id = 0;

	if (find_former(database, enrolment, former, &id, err) < 0 ||
		issue(roster, database, request, enrolment, former, now_s, ret_issued, err) < 0)
		return -1;
	return replace(database, id, enrolment, ret_issued, now_s, ret_revoked, err);
}

int roster_enrol(const struct roster *roster, struct database *database, const char *code,
	const struct authority_request *request, int64_t now_s, struct authority_issued *ret_issued,
	struct error *err)
{
	struct enrolment enrolment;
	struct error why = {0};
	bool revoked = false;

	if (database_begin(database, err) < 0)
		return -1;
	if (enrolment_use(database, code, request->key, now_s, &enrolment, &why) == 0) {
		if (enrol(roster, database, &enrolment, request, now_s, ret_issued, &revoked, err) < 0 ||
			database_commit(database, err) < 0) {
			database_undo(database);
			return -1;
		}
		/* Where it cannot be written now, the registrar tries again, and says why. */
		if (revoked)
			(void)!roster_publish(roster, database, now_s, &why);
		return 0;
	}
	/* A wrong try counts. */
	if (why.code != ERROR_DENIED || database_commit(database, err) < 0)
		database_undo(database);
	return error_set(err, why.code, "%s", why.text);
}

/* ---- Renewing ---- */

/* Of one that was issued before there was a list, nothing is known but what it says. */
static int find_bearer(
	struct database *database, const struct client *client, struct enrolment *ret_bearer, struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_CERTIFICATE_FIND, err);
	struct roster_entry entry;
	int found;

	query_text(query, client->fingerprint);
	if ((found = query_next(query, err)) < 0)
		return -1;
	*ret_bearer = (struct enrolment){0};
	(void)snprintf(ret_bearer->name, sizeof(ret_bearer->name), "%s", client->name);
	memcpy(ret_bearer->institution, client->institution, AUTHORITY_INSTITUTION_SIZE);
	if (!found)
		return 0;
	read_entry(query, &entry);
	if (entry.revoked_s)
		return error_set(err, ERROR_REFUSED, "this certificate has been revoked: %s", entry.why);
	(void)snprintf(ret_bearer->ring, sizeof(ret_bearer->ring), "%s", entry.ring);
	return 0;
}

/* RFC 7030, 4.2.2: who renews names himself as before. */
static int check_renewal(const struct roster *roster, const struct client *client, const struct buf *der,
	const struct authority_request *request, struct error *err)
{
	if (client->role != ROLE_TERMINAL)
		return error_set(err, ERROR_REFUSED, "'%s' is no terminal: its certificate is not renewed here",
			client->subject);
	if (!authority_signed(roster->authority, der->data, der->len))
		return error_set(err, ERROR_REFUSED,
			"the certificate of '%s' was issued by another authority: have it renewed there",
			client->subject);
	if (strcmp(request->subject, client->subject) != 0)
		return error_set(err, ERROR_REFUSED, "the request names '%.80s', the certificate shown '%.80s'",
			request->subject, client->subject);
	return 0;
}

/* Each certificate has its own share of reports, and its place in the list: nobody multiplies them at will. */
static int check_holding(struct database *database, const char *subject, int64_t now_s, struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_CERTIFICATES_HOLDING, err);

	query_text(query, subject);
	query_number(query, now_s);
	if (query_next(query, err) <= 0)
		return -1;
	if (row_number(query, 0) < ROSTER_HOLDING_MOST)
		return 0;
	return error_set(err, ERROR_THROTTLED,
		"%d certificates of '%s' hold already: \"haishin-collector revoke --serial\" ends those that nobody uses",
		ROSTER_HOLDING_MOST, subject);
}

int roster_renew(const struct roster *roster, struct database *database, const struct client *client,
	const struct buf *der, const struct authority_request *request, int64_t now_s,
	struct authority_issued *ret_issued, struct error *err)
{
	struct enrolment bearer;

	if (check_renewal(roster, client, der, request, err) < 0 || database_begin(database, err) < 0)
		return -1;
	if (find_bearer(database, client, &bearer, err) == 0 &&
		check_holding(database, client->subject, now_s, err) == 0 &&
		issue(roster, database, request, &bearer, NULL, now_s, ret_issued, err) == 0 &&
		database_commit(database, err) == 0)
		return 0;
	database_undo(database);
	return -1;
}

/* ---- Revoking ---- */

/* Nothing is expected any more of a terminal that has reported with it last. */
static int revoke_one(struct database *database, const char *fingerprint, const char *why, int64_t now_s,
	struct error *err)
{
	AUTO(query) struct query *terminals = query_new(database, STATEMENT_TERMINALS_REVOKED, err);
	AUTO(query) struct query *query = query_new(database, STATEMENT_CERTIFICATE_REVOKE, err);

	query_text(terminals, fingerprint);
	query_text(query, fingerprint);
	query_number(query, now_s);
	query_text(query, why);
	return query_run(terminals, err) < 0 ? -1 : query_run(query, err);
}

#define REVOKED_AT_ONCE 64

/* Those that were found. */
struct revocation {
	char name[AUTHORITY_SUBJECT_SIZE], institution[AUTHORITY_INSTITUTION_SIZE]; /* whose they are */
	char fingerprints[REVOKED_AT_ONCE][SHA256_HEX_SIZE];			    /* that hold and are ours */
	size_t count, strange; /* of these; and those that another authority issued */
};

static void name_bearer(const char *name, const char *institution, struct revocation *ret_found)
{
	(void)snprintf(ret_found->name, sizeof(ret_found->name), "%s", name);
	(void)snprintf(ret_found->institution, sizeof(ret_found->institution), "%s", institution);
}

static int find_revocable(
	const struct roster *roster, struct query *query, struct revocation *found, struct error *err)
{
	struct roster_entry entry;
	int row;

	while (found->count < REVOKED_AT_ONCE && (row = query_next(query, err)) != 0) {
		if (row < 0)
			return -1;
		read_entry(query, &entry);
		if (entry.revoked_s)
			continue;
		name_bearer(entry.name, entry.institution, found);
		if (entry.issued_s || authority_signed_pem(roster->authority, entry.text))
			(void)snprintf(found->fingerprints[found->count++], SHA256_HEX_SIZE, "%s", entry.fingerprint);
		else
			found->strange++;
	}
	return 0;
}

/* Names need not differ from one institution to the next: nobody's terminal is revoked for another's. */
static int find_institution(struct database *database, const struct roster_whose *whose, int64_t now_s,
	struct revocation *found, struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_INSTITUTIONS_OF_NAME, err);
	int row;

	name_bearer(whose->name, whose->institution ? whose->institution : "", found);
	if (whose->institution)
		return 0;
	query_text(query, whose->name);
	query_number(query, now_s);
	if ((row = query_next(query, err)) <= 0)
		return row;
	name_bearer(whose->name, row_text(query, 0), found);
	if ((row = query_next(query, err)) <= 0)
		return row;
	return error_set(err, ERROR_USAGE,
		"more than one institution has a '%s': say whose with --institution CODE ('haishin-collector certificates' lists "
		"them), or which certificate with --serial",
		whose->name);
}

static int find_of_bearer(const struct roster *roster, struct database *database, int64_t now_s,
	struct revocation *found, struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_CERTIFICATES_OF_NAME, err);

	query_text(query, found->name);
	query_text(query, found->institution);
	query_number(query, now_s);
	return find_revocable(roster, query, found, err);
}

static int find_of_serial(const struct roster *roster, struct database *database, const char *serial,
	struct revocation *found, struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_CERTIFICATE_OF_SERIAL, err);

	query_text(query, serial);
	return find_revocable(roster, query, found, err);
}

static int none_found(const char *who, size_t strange, struct error *err)
{
	if (strange)
		return error_set(err, ERROR_REFUSED,
			"the certificate of '%s' was issued by another authority: have it revoked there", who);
	return error_set(err, ERROR_NOT_FOUND,
		"there is no certificate or code of '%s' that holds; 'haishin-collector certificates' lists them", who);
}

static int revoke_found(
	struct database *database, const struct revocation *found, const char *why, int64_t now_s, struct error *err)
{
	for (size_t i = 0; i < found->count; i++)
		if (revoke_one(database, found->fingerprints[i], why, now_s, err) < 0)
			return -1;
	return 0;
}

/* RET_COUNT of them. What is left of FOUND is what the last look found. */
static int revoke_certificates(const struct roster *roster, struct database *database, const struct roster_whose *whose,
	const char *why, int64_t now_s, struct revocation *found, size_t *ret_count, struct error *err)
{
	*ret_count = 0;
	do {
		found->count = found->strange = 0;
		if (whose->serial ? find_of_serial(roster, database, whose->serial, found, err) < 0
				  : find_of_bearer(roster, database, now_s, found, err) < 0)
			return -1;
		if (revoke_found(database, found, why, now_s, err) < 0)
			return -1;
		*ret_count += found->count;
	} while (found->count == REVOKED_AT_ONCE);
	return 0;
}

/* A code by which one of them was got is of no more use to its bearer either; one that waits for another terminal stays. */
static int revoke_codes(struct database *database, const struct revocation *found, bool with_unused, int64_t now_s,
	size_t *ret_count, struct error *err)
{
	*ret_count = 0;
	return with_unused ? enrolment_void(database, found->name, found->institution, now_s, ret_count, err)
			   : enrolment_end(database, found->name, found->institution, now_s, err);
}

static int revoke_all(const struct roster *roster, struct database *database, const struct roster_whose *whose,
	const char *why, int64_t now_s, size_t *ret_count, struct error *err)
{
	struct revocation found = {.count = 0};
	size_t codes;

	if ((!whose->serial && find_institution(database, whose, now_s, &found, err) < 0) ||
		revoke_certificates(roster, database, whose, why, now_s, &found, ret_count, err) < 0 ||
		revoke_codes(database, &found, !whose->serial, now_s, &codes, err) < 0)
		return -1;
	*ret_count += codes;
	return *ret_count ? 0 : none_found(whose->serial ? whose->serial : whose->name, found.strange, err);
}

int roster_revoke(const struct roster *roster, struct database *database, const struct roster_whose *whose,
	const char *why, int64_t now_s, size_t *ret_count, struct error *err)
{
	if (database_begin(database, err) < 0)
		return -1;
	if (revoke_all(roster, database, whose, why, now_s, ret_count, err) == 0 &&
		database_commit(database, err) == 0)
		return 0;
	database_undo(database);
	return -1;
}

/* ---- The list of those that are revoked ---- */

static int gather(const struct roster *roster, struct database *database, int64_t now_s, struct buf *ret_pem,
	struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_CERTIFICATES_REVOKED, err);
	AUTO(authority_crl) struct authority_crl *crl = NULL;
	int found;

	query_number(query, now_s);
	if (authority_crl_begin(roster->authority, now_s, &crl, err) < 0)
		return -1;
	while ((found = query_next(query, err)) > 0)
		if (authority_crl_add(crl, row_text(query, 0), row_number(query, 1), row_number(query, 2) != 0, err) <
			0)
			return -1;
	return found < 0 ? -1 : authority_crl_write(roster->authority, crl, ret_pem, err);
}

int roster_publish(const struct roster *roster, struct database *database, int64_t now_s, struct error *err)
{
	AUTO(buf) struct buf pem = BUF_INIT(16u << 20);
	AUTO(fd) int lock_fd = -1;
	char lock[CONFIG_TEXT_SIZE + 8];
	struct fs fs;

	fs_init(&fs);
	(void)snprintf(lock, sizeof(lock), "%s.lock", roster->config->authority_crl);
	if ((lock_fd = fs_lock(&fs, AT_FDCWD, lock, true, err)) < 0 || gather(roster, database, now_s, &pem, err) < 0 ||
		fs_write_file(&fs, AT_FDCWD, roster->config->authority_crl, pem.data, pem.len, 0644, err) < 0)
		return error_context(err, "the list of revoked certificates");
	return 0;
}
