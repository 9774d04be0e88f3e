#include "collector/ledger/delivery_certificate.h"

#include <string.h>

#include "collector/ledger/published.h"
#include "collector/ledger/shelf.h"
#include "collector/reports/past_reports.h"
#include "collector/store/logged_row.h"
#include "collector/store/terminal_row.h"
#include "ledger/proof/signed_report.h"
#include "ledger/proof/tlog_proof.h"
#include "manifests/base/package.h"
#include "manifests/base/version.h"

/* Of seven years, one a night, and as many again. */
#define REPORTS_MOST 8192

/* The oldest report that tells of the delivery as confirmed, and is logged. */
struct search {
	const struct config *config;
	struct database *database;
	const struct delivery_certificate_wish *wish;
	bool tells; /* some report does, logged or not */
	bool is_logged;
	int64_t received_s;
	uint64_t index; /* of its entry */
	struct buf report, proof;
};

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static bool tells_confirmed(const json_t *report, const struct delivery_certificate_wish *wish)
{
	const json_t *delivery;
	size_t i;

	json_array_foreach (json_object_get(report, "deliveries"), i, delivery)
		if (strcmp(text_of(delivery, "package"), wish->package) == 0 &&
			strcmp(text_of(delivery, "version"), wish->version) == 0 &&
			strcmp(text_of(delivery, "state"), "confirmed") == 0)
			return true;
	return false;
}

/* Reports come newest first: an older one takes the place of a newer one. */
static int take_report(void *context, const struct report_row *row, const struct buf *body, struct error *err)
{
	struct search *search = context;
	AUTO(json) json_t *report = NULL;
	struct sha256 digest;
	uint64_t index;
	bool found;

	if (!body || !strstr(buf_text(body), search->wish->version) || !(report = json_parse(body->data, body->len, NULL)) ||
		strcmp(text_of(report, "form"), SIGNED_REPORT_FORM) != 0 || !tells_confirmed(report, search->wish))
		return 0;
	search->tells = true;
	sha256_of(body->data, body->len, &digest);
	if (logged_row_find(search->database, &digest, &index, &found, err) < 0)
		return -1;
	if (!found)
		return 0;
	search->is_logged = true;
	search->index = index;
	search->received_s = row->received_s;
	buf_empty(&search->report);
	return buf_append(&search->report, buf_text(body), body->len, err);
}

static int check_wish(const struct config *config, const struct delivery_certificate_wish *wish, struct error *err)
{
	struct sha256 id;

	if (!*config->ledger_folder || !*config->metadata_shelf)
		return error_set(err, ERROR_NOT_FOUND,
			"no delivery certificates are made here: the settings lack [ledger] folder or [metadata] "
			"shelf");
	if (!wish->terminal || !wish->package || !wish->version)
		return error_set(err, ERROR_USAGE, "say of which terminal, package and version");
	if (sha256_parse(wish->terminal, &id, err) < 0 || package_check_name(wish->package, err) < 0 ||
		version_check(wish->version, err) < 0) {
		err->code = ERROR_USAGE;
		return -1;
	}
	return 0;
}

static int find_report(struct search *search, struct error *err)
{
	const struct delivery_certificate_wish *wish = search->wish;
	struct terminal_row row;
	bool proven = false;

	if (terminal_row_find(search->database, terminal_id_of(wish->terminal), &row, err) < 0)
		return -1;
	if (strcmp(row.key, wish->terminal) != 0)
		return error_set(err, ERROR_NOT_FOUND, "there is no such terminal");
	if (past_reports_each_body(search->database, row.id, REPORTS_MOST, take_report, search, err) < 0)
		return -1;
	if (!search->tells)
		return error_set(err, ERROR_NOT_FOUND,
			"no report of form 2 of this terminal says that %s %s was confirmed", wish->package,
			wish->version);
	if (search->is_logged &&
		published_prove(search->config, search->database, search->index, &search->proof, &proven, err) < 0)
		return -1;
	if (!proven)
		return error_set(err, ERROR_NOT_FOUND,
			"the report that says that %s %s was confirmed is not proven in the ledger yet; ask later",
			wish->package, wish->version);
	return 0;
}

static json_t *put_together(const struct search *search, json_t *take_metadata, struct error *err)
{
	json_t *certificate = JSON_OBJECT({
		json_blame(err),
		json_text("form", DELIVERY_CERTIFICATE_FORM),
		json_text("package", search->wish->package),
		json_text("version", search->wish->version),
		json_text("report", buf_text(&search->report)),
		json_text("proof", buf_text(&search->proof)),
		json_take("metadata", take_metadata),
	});

	if (!certificate)
		(void)error_context(err, "delivery certificate");
	return certificate;
}

int delivery_certificate_make(const struct config *config, struct database *database,
	const struct delivery_certificate_wish *wish, json_t **ret_certificate, struct error *err)
{
	struct search search = {
		.config = config,
		.database = database,
		.wish = wish,
		.report = BUF_INIT(SIGNED_REPORT_MAX_BYTES),
		.proof = BUF_INIT(TLOG_PROOF_MAX_BYTES),
	};
	char target[PACKAGE_TARGET_SIZE];
	json_t *metadata = NULL, *certificate = NULL;

	if (check_wish(config, wish, err) < 0)
		return -1;
	if (find_report(&search, err) == 0) {
		package_release_target(wish->package, wish->version, target);
		if (shelf_find(config->metadata_shelf, search.received_s, target, &metadata, err) == 0)
			certificate = put_together(&search, metadata, err);
	}
	buf_clear(&search.report);
	buf_clear(&search.proof);
	if (!certificate)
		return -1;
	*ret_certificate = certificate;
	return 0;
}
