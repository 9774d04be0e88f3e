#include "collector/routes/routes.h"

#include <string.h>

#include "collector/api/api_certificates.h"
#include "collector/api/api_est.h"
#include "collector/api/api_fleet.h"
#include "collector/api/api_ledger.h"
#include "collector/api/api_metrics.h"
#include "collector/api/api_releases.h"
#include "collector/api/api_reports.h"
#include "collector/api/api_rollouts.h"
#include "collector/api/api_terminals.h"
#include "collector/page/base/frame.h"
#include "collector/page/views/asset.h"
#include "collector/page/views/view_campaigns.h"
#include "collector/page/views/view_ledger.h"
#include "collector/page/views/view_night.h"
#include "collector/page/views/view_release.h"
#include "collector/page/views/view_releases.h"
#include "collector/page/views/view_rollouts.h"
#include "collector/page/views/view_terminal.h"
#include "collector/page/views/view_terminals.h"
#include "common/text.h"

#define OPERATOR (1u << ROLE_OPERATOR)
#define AUDITOR (1u << ROLE_AUDITOR)
#define VENDOR (1u << ROLE_VENDOR)
#define TERMINAL (1u << ROLE_TERMINAL)
#define NOBODY (1u << 31) /* who has no certificate yet */
#define ALL (TERMINAL | OPERATOR | VENDOR | AUDITOR)

/* The only list of what there is. A path that ends in "/" stands for all with one more word; one that ends in "*",
 * for all that begin so. */
static const struct route {
	const char *method, *path;
	unsigned int roles;
	void (*at_once)(struct api *api, struct exchange *exchange);
	void (*at_desk)(struct api *api, struct database *database, struct exchange *exchange);
	bool is_page; /* for people: what is wrong is told in their language */
} routes[] = {
	{"POST", "/reports", TERMINAL, .at_once = api_reports_take},
	{"GET", "/api/v1/openapi.json", ALL, .at_once = api_fleet_openapi},
	{"GET", "/api/v1/fleet", OPERATOR | AUDITOR, .at_desk = api_fleet_now},
	{"GET", "/api/v1/nights", OPERATOR | AUDITOR, .at_desk = api_fleet_nights},
	{"GET", "/api/v1/nights/", OPERATOR | AUDITOR, .at_desk = api_fleet_night},
	{"GET", "/api/v1/releases", OPERATOR | AUDITOR | VENDOR, .at_desk = api_releases_list},
	{"GET", "/api/v1/release", OPERATOR | AUDITOR | VENDOR, .at_desk = api_releases_one},
	{"GET", "/api/v1/deliveries", OPERATOR | AUDITOR | VENDOR, .at_desk = api_releases_deliveries},
	{"GET", "/api/v1/campaigns", OPERATOR | AUDITOR, .at_desk = api_releases_campaigns},
	{"GET", "/api/v1/rollouts", OPERATOR | AUDITOR, .at_desk = api_rollouts_list},
	{"GET", "/brake.json", ALL, .at_desk = api_rollouts_brake},
	{"GET", "/api/v1/terminals", OPERATOR | AUDITOR, .at_desk = api_terminals_list},
	{"GET", "/api/v1/terminals/", OPERATOR | AUDITOR | TERMINAL, .at_desk = api_terminals_one},
	{"GET", "/api/v1/ledger", OPERATOR | AUDITOR, .at_desk = api_ledger_now},
	{"GET", "/api/v1/certificates", OPERATOR | AUDITOR, .at_desk = api_certificates_list},
	{"GET", "/crl.pem", ALL, .at_once = api_certificates_revoked},
	{"GET", API_EST_PATH "cacerts", ALL | NOBODY, .at_once = api_est_authorities},
	{"POST", API_EST_PATH "simpleenroll", ALL | NOBODY, .at_desk = api_est_enrol},
	{"POST", API_EST_PATH "simplereenroll", ALL, .at_desk = api_est_renew},
	{"GET", "/api/v1/delivery-certificate", OPERATOR | AUDITOR | VENDOR, .at_desk = api_ledger_certificate},
	{"GET", "/proofs/", ALL, .at_once = api_ledger_proof},
	{"GET", "/ledger/*", ALL, .at_once = api_ledger_file},
	{"GET", "/metrics", OPERATOR | AUDITOR, .at_desk = api_metrics_show},
	/* The page: a vendor sees what concerns its packages. */
	{"GET", "/", OPERATOR | AUDITOR | VENDOR, .at_desk = view_first, .is_page = true},
	{"GET", "/nights/", OPERATOR | AUDITOR, .at_desk = view_night, .is_page = true},
	{"GET", "/releases", OPERATOR | AUDITOR | VENDOR, .at_desk = view_releases, .is_page = true},
	{"GET", "/release", OPERATOR | AUDITOR | VENDOR, .at_desk = view_release, .is_page = true},
	{"GET", "/rollouts", OPERATOR | AUDITOR, .at_desk = view_rollouts, .is_page = true},
	{"POST", "/brake", OPERATOR, .at_desk = view_rollouts_stop, .is_page = true},
	{"GET", "/campaigns", OPERATOR | AUDITOR, .at_desk = view_campaigns, .is_page = true},
	{"GET", "/campaigns/", OPERATOR | AUDITOR, .at_desk = view_campaign, .is_page = true},
	{"GET", "/terminals", OPERATOR | AUDITOR, .at_desk = view_terminals, .is_page = true},
	{"GET", "/terminals/", OPERATOR | AUDITOR, .at_desk = view_terminal, .is_page = true},
	{"GET", "/ledger", OPERATOR | AUDITOR, .at_desk = view_ledger, .is_page = true},
	{"GET", "/page/", ALL, .at_once = asset_show},
};

static bool is_at(const struct route *route, const char *path)
{
	size_t len = strlen(route->path);

	switch (len > 1 ? route->path[len - 1] : '\0') {
	case '/':
		return strncmp(route->path, path, len) == 0 && path[len] && !strchr(path + len, '/');
	case '*':
		return strncmp(route->path, path, len - 1) == 0;
	default:
		return strcmp(route->path, path) == 0;
	}
}

static const struct route *find_route(const struct exchange *exchange, bool *ret_has_path)
{
	const char *method = strcmp(exchange->method, "HEAD") == 0 ? "GET" : exchange->method;

	*ret_has_path = false;
	for (size_t i = 0; i < ARRAY_SIZE(routes); i++) {
		if (!is_at(&routes[i], exchange->path))
			continue;
		*ret_has_path = true;
		if (strcmp(routes[i].method, method) == 0)
			return &routes[i];
	}
	return NULL;
}

static bool is_text(void *context, const char *name, const char *value)
{
	bool *are_texts = context;

	return *are_texts = text_is_utf8(name, strlen(name)) && text_is_utf8(value, strlen(value));
}

/* Not every store can look for what is no text. */
static int check_arguments(const struct exchange *exchange, struct error *err)
{
	bool are_texts = true;

	exchange_each_argument(exchange, is_text, &are_texts);
	return are_texts ? 0 : error_set(err, ERROR_INPUT, "an argument is no text in UTF-8");
}

static void answer_error(const struct route *route, struct exchange *exchange, const struct error *err)
{
	if (route->is_page)
		frame_answer_error(exchange, err);
	else
		exchange_answer_error(exchange, 0, err);
}

void routes_handle(void *context, struct exchange *exchange)
{
	struct api *api = context;
	struct error err = {0};
	bool has_path;
	const struct route *route = find_route(exchange, &has_path);

	if (!route)
		exchange_answer_text(
			exchange, has_path ? 405 : 404, "There is nothing at this address for this method.");
	else if (!exchange->client && !(route->roles & NOBODY))
		exchange_answer_text(exchange, 400, "No required SSL certificate was sent");
	else if (exchange->client && !(route->roles >> exchange->client->role & 1) && route->is_page)
		frame_answer_denied(exchange);
	else if (exchange->client && !(route->roles >> exchange->client->role & 1))
		exchange_answer_text(exchange, 403,
			"'%s' has the role %s here, which may not see this; a [role] of the collector's settings "
			"gives another.",
			exchange->client->subject, role_kind_name(exchange->client->role));
	else if (check_arguments(exchange, &err) < 0)
		answer_error(route, exchange, &err);
	else if (route->at_once)
		route->at_once(api, exchange);
	else if (desk_hand_in(api->desk, exchange, &err) < 0)
		answer_error(route, exchange, &err);
}

/* Whoever watches is told without the store that it is away, too. */
void routes_answer(void *context, struct database *database, const struct error *away, struct exchange *exchange)
{
	bool has_path;
	const struct route *route = find_route(exchange, &has_path);

	if (!away || route->at_desk == api_metrics_show)
		route->at_desk(context, database, exchange);
	else
		answer_error(route, exchange, away);
}

void routes_answered(void *context, const struct exchange *exchange, int64_t duration_ms)
{
	struct api *api = context;
	bool is_report = strcmp(exchange->path, "/reports") == 0;

	latency_note(api->latency, is_report ? LATENCY_REPORTS : LATENCY_QUESTIONS, duration_ms);
}
