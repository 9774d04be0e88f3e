/* The lists in a report, entry by entry. report_read() has checked them, so that reading them later cannot fail. */
#ifndef COLLECTOR_REPORTS_REPORT_PARTS_H
#define COLLECTOR_REPORTS_REPORT_PARTS_H

#include "common/json.h"
#include "manifests/base/package.h"

/* A word such as "up-to-date": 1 to 31 lower-case letters, digits and hyphens. ERROR_INPUT names the member. */
WARN_UNUSED int report_word(const json_t *object, const char *key, const char **ret_word, struct error *err);
/* A moment; 0 for null or where it is missing. */
WARN_UNUSED int report_moment(const json_t *object, const char *key, int64_t *ret_time_s, struct error *err);

struct report_package {
	const char *name, *version, *state;
	const char *staged, *newest; /* "" where there is none */
};
WARN_UNUSED int report_package_read(const json_t *entry, struct report_package *ret_package, struct error *err);

struct report_delivery {
	const char *package, *version, *digest, *state, *error;
	const char *detail; /* one sentence; "" */
	int64_t campaign;   /* 0: none */
	int64_t planned_s, changed_s, attempts;
};
WARN_UNUSED int report_delivery_read(const json_t *entry, struct report_delivery *ret_delivery, struct error *err);

struct report_window {
	const char *date, *outcome;
	int64_t opens_s, closes_s, contact_s, attempts, on_s;
};
WARN_UNUSED int report_window_read(const json_t *entry, struct report_window *ret_window, struct error *err);

struct report_problem {
	const char *reason;
	const char *package; /* "" */
};
WARN_UNUSED int report_problem_read(const json_t *entry, struct report_problem *ret_problem, struct error *err);

/* Checks that the array has at most MOST entries, and that all of them can be read. */
WARN_UNUSED int report_check_lists(const json_t *problems, const json_t *packages, const json_t *deliveries,
	const json_t *windows, struct error *err);

#endif
