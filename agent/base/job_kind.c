#include "agent/base/job_kind.h"

#include <stddef.h>
#include <string.h>

#include "common/auto.h"

static const char *const kind_names[] = {
#define KIND_NAME(enumerator, name, word) name,
	EACH_JOB_KIND(KIND_NAME)
#undef KIND_NAME
};

const char *job_kind_name(enum job_kind kind)
{
	return kind_names[kind];
}

int job_kind_parse(const char *name, enum job_kind *ret_kind, struct error *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(kind_names); i++)
		if (strcmp(kind_names[i], name) == 0) {
			*ret_kind = (enum job_kind)i;
			return 0;
		}
	return error_set(err, ERROR_USAGE, "there is no job '%.40s'; there are:" JOB_KIND_NAMES, name);
}
