#include "collector/api/api.h"

#include <string.h>

#include "collector/api/api_reports.h"

#define ALL (1u << ROLE_TERMINAL | 1u << ROLE_OPERATOR | 1u << ROLE_VENDOR | 1u << ROLE_AUDITOR)

/* The only list of what there is. */
static const struct route {
	const char *method, *path;
	unsigned int roles; /* bits of enum role_kind */
	void (*handle)(struct api *api, struct exchange *exchange);
} routes[] = {
	{"POST", "/reports", ALL, api_reports_take},
};

static const struct route *find_route(const struct exchange *exchange, bool *ret_has_path)
{
	const char *method = strcmp(exchange->method, "HEAD") == 0 ? "GET" : exchange->method;

	*ret_has_path = false;
	for (size_t i = 0; i < ARRAY_SIZE(routes); i++) {
		if (strcmp(routes[i].path, exchange->path) != 0)
			continue;
		*ret_has_path = true;
		if (strcmp(routes[i].method, method) == 0)
			return &routes[i];
	}
	return NULL;
}

void api_handle(void *context, struct exchange *exchange)
{
	struct api *api = context;
	bool has_path;
	const struct route *route = find_route(exchange, &has_path);

	if (!route)
		exchange_answer_text(
			exchange, has_path ? 405 : 404, "There is nothing at this address for this method.");
	else if (!(route->roles >> exchange->client->role & 1))
		exchange_answer_text(exchange, 403, "The role of this certificate may not see this.");
	else
		route->handle(api, exchange);
}
