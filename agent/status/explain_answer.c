#include "agent/status/explain_answer.h"

#include <inttypes.h>
#include <stdarg.h>

#include "agent/store/history.h"

void explain_set_value(struct explain_answer *answer, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(answer->value, sizeof(answer->value), fmt, args);
	va_end(args);
}

void explain_set_source(struct explain_answer *answer, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(answer->source, sizeof(answer->source), fmt, args);
	va_end(args);
}

void explain_source_is_catalog(const struct explain_facts *facts, struct explain_answer *answer)
{
	if (facts->catalog && facts->contact.catalog_version)
		explain_set_source(answer, "catalog %" PRId64, facts->contact.catalog_version);
	else if (facts->catalog)
		explain_set_source(answer, "catalog");
}

void explain_source_is_setting(
	const struct explain_facts *facts, struct explain_answer *answer, const char *section, const char *key)
{
	explain_set_source(answer, "%s", config_source(facts->terminal->config, section, key));
}

int explain_source_is_history(const struct explain_facts *facts, struct explain_answer *answer, const char *operation,
	const char *package, struct error *err)
{
	struct history_row row;
	bool found;

	if (history_newest(facts->terminal->store, operation, package, &row, &found, err) < 0)
		return -1;
	if (found)
		explain_set_source(answer, "history %" PRId64, row.number);
	return 0;
}

const char *explain_wall(const struct explain_facts *facts, int64_t time_s, char ret_text[static EXPLAIN_WALL_SIZE])
{
	char date[NIGHT_DATE_TEXT_SIZE];
	struct night_date day;
	int64_t second;

	zone_to_local(facts->terminal->config->zone, time_s, &day, &second);
	(void)snprintf(ret_text, EXPLAIN_WALL_SIZE, "%s %02d:%02d", night_date_text(&day, date),
		(int)(second / 3600 % 24), (int)(second / 60 % 60));
	return ret_text;
}

void explain_shut(struct explain_answer *answer, const char *code, const char *detail)
{
	answer->open = false;
	(void)snprintf(answer->code, sizeof(answer->code), "%s", code);
	(void)snprintf(answer->detail, sizeof(answer->detail), "%s", detail);
}
