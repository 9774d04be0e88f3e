#include "agent/rights/change_kind.h"

#include <assert.h>
#include <stddef.h>

const char *change_kind_action(enum change_kind kind)
{
	static const char *const actions[] = {
		NULL,
#define CHANGE_ACTION(enumerator, name) CHANGE_ACTION_PREFIX name,
		EACH_CHANGE_KIND(CHANGE_ACTION)
#undef CHANGE_ACTION
	};

	assert(kind != CHANGE_NONE);
	return actions[kind];
}
