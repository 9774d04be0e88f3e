#include "agent/choice/wanted.h"

#include <stdarg.h>

#include "updater/fetch/http_hop.h"

void wanted_shut_unavailable(struct wanted *wanted, const struct error *why)
{
	wanted_shut(wanted, WANTED_UNAVAILABLE, "%.*s", (int)sizeof(wanted->reason) - 1, why->text);
	wanted->why = *why;
}

bool wanted_is_not_given(const struct error *why)
{
	return why->code == ERROR_NOT_FOUND || (why->code == ERROR_SERVER && !http_failed_alone(why));
}

bool wanted_ends_all(const struct error *why)
{
	return why->code == ERROR_NETWORK || why->code == ERROR_STOPPED;
}

static const struct {
	const char *name;
	bool has_come;
} outcomes[] = {
#define WANTED_ROW(enumerator, name, has_come) {name, has_come},
	EACH_WANTED_OUTCOME(WANTED_ROW)
#undef WANTED_ROW
};

const char *wanted_outcome_name(enum wanted_outcome outcome)
{
	return outcomes[outcome].name;
}

bool wanted_outcome_has_come(enum wanted_outcome outcome)
{
	return outcomes[outcome].has_come;
}

void wanted_clear(struct wanted_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		offer_clear(&list->items[i].offer);
	free(list->items);
	*list = (struct wanted_list){0};
}

void wanted_shut(struct wanted *wanted, enum wanted_outcome outcome, const char *fmt, ...)
{
	va_list args;

	wanted->outcome = outcome;
	va_start(args, fmt);
	(void)vsnprintf(wanted->reason, sizeof(wanted->reason), fmt, args);
	va_end(args);
}

int64_t wanted_rollout_place(const uint8_t secret[static SLOT_SECRET_SIZE], const char *digest)
{
	return (int64_t)slot_spread(secret, digest, 0, 100);
}
