#include "collector/reports/report_parts.h"

#include <string.h>

#include "common/clock.h"
#include "common/digest.h"
#include "manifests/base/version.h"

#define WORD_MOST 31
#define DETAIL_MOST 255
#define DATE_LENGTH 10

#define PROBLEMS_MOST 64
#define PACKAGES_MOST 64
#define DELIVERIES_MOST 200
#define WINDOWS_MOST 400

int report_word(const json_t *object, const char *key, const char **ret_word, struct error *err)
{
	const char *word = NULL;
	size_t len;

	if (json_want_string(object, key, &word, err) < 0)
		return -1;
	len = strlen(word);
	if (len == 0 || len > WORD_MOST || strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789-") != len)
		return error_set(err, ERROR_INPUT, "member '%s' is no word of letters, digits and hyphens", key);
	*ret_word = word;
	return 0;
}

int report_moment(const json_t *object, const char *key, int64_t *ret_time_s, struct error *err)
{
	const char *text = NULL;

	*ret_time_s = 0;
	if (json_may_string(object, key, &text, err) < 0 || (text && clock_parse(text, ret_time_s, err) < 0))
		return error_context(err, "member '%s'", key);
	return 0;
}

static int read_version(const json_t *object, const char *key, bool must, const char **ret_version, struct error *err)
{
	*ret_version = "";
	if (json_may_string(object, key, ret_version, err) < 0)
		return -1;
	if (!must && !**ret_version)
		return 0;
	return version_check(*ret_version, err) < 0 ? error_context(err, "member '%s'", key) : 0;
}

int report_package_read(const json_t *entry, struct report_package *ret_package, struct error *err)
{
	if (json_want_string(entry, "name", &ret_package->name, err) < 0 ||
		package_check_name(ret_package->name, err) < 0 ||
		read_version(entry, "version", true, &ret_package->version, err) < 0 ||
		read_version(entry, "staged", false, &ret_package->staged, err) < 0 ||
		read_version(entry, "newest", false, &ret_package->newest, err) < 0 ||
		report_word(entry, "state", &ret_package->state, err) < 0)
		return -1;
	return 0;
}

/* The whole digest, or its first eight digits where the terminal knows no more. */
static int read_digest(const json_t *entry, const char **ret_digest, struct error *err)
{
	size_t len;

	if (json_want_string(entry, "digest", ret_digest, err) < 0)
		return -1;
	len = strlen(*ret_digest);
	if ((len != 8 && len != SHA256_HEX_SIZE - 1) || strspn(*ret_digest, "0123456789abcdef") != len)
		return error_set(err, ERROR_INPUT, "member 'digest' is no digest");
	return 0;
}

int report_delivery_read(const json_t *entry, struct report_delivery *ret_delivery, struct error *err)
{
	ret_delivery->detail = "";
	if (json_want_string(entry, "package", &ret_delivery->package, err) < 0 ||
		package_check_name(ret_delivery->package, err) < 0 ||
		read_version(entry, "version", true, &ret_delivery->version, err) < 0 ||
		read_digest(entry, &ret_delivery->digest, err) < 0 ||
		report_word(entry, "state", &ret_delivery->state, err) < 0 ||
		report_word(entry, "error", &ret_delivery->error, err) < 0 ||
		json_may_string(entry, "detail", &ret_delivery->detail, err) < 0 ||
		json_want_integer(entry, "campaign", 0, INT32_MAX, &ret_delivery->campaign, err) < 0 ||
		json_want_integer(entry, "attempts", 0, INT32_MAX, &ret_delivery->attempts, err) < 0 ||
		report_moment(entry, "planned", &ret_delivery->planned_s, err) < 0 ||
		report_moment(entry, "changed", &ret_delivery->changed_s, err) < 0)
		return -1;
	if (strlen(ret_delivery->detail) > DETAIL_MOST)
		return error_set(err, ERROR_INPUT, "member 'detail' is longer than %d bytes", DETAIL_MOST);
	return 0;
}

int report_window_read(const json_t *entry, struct report_window *ret_window, struct error *err)
{
	if (json_want_string(entry, "date", &ret_window->date, err) < 0 ||
		report_word(entry, "outcome", &ret_window->outcome, err) < 0 ||
		report_moment(entry, "opens", &ret_window->opens_s, err) < 0 ||
		report_moment(entry, "closes", &ret_window->closes_s, err) < 0 ||
		report_moment(entry, "contact", &ret_window->contact_s, err) < 0 ||
		json_want_integer(entry, "attempts", 0, INT32_MAX, &ret_window->attempts, err) < 0 ||
		json_want_integer(entry, "on_s", 0, INT32_MAX, &ret_window->on_s, err) < 0)
		return -1;
	if (strlen(ret_window->date) != DATE_LENGTH)
		return error_set(err, ERROR_INPUT, "member 'date' is no date");
	return 0;
}

int report_problem_read(const json_t *entry, struct report_problem *ret_problem, struct error *err)
{
	ret_problem->package = "";
	if (report_word(entry, "reason", &ret_problem->reason, err) < 0 ||
		json_may_string(entry, "package", &ret_problem->package, err) < 0)
		return -1;
	return *ret_problem->package ? package_check_name(ret_problem->package, err) : 0;
}

static int check_package(const json_t *entry, struct error *err)
{
	struct report_package package;

	return report_package_read(entry, &package, err);
}

static int check_delivery(const json_t *entry, struct error *err)
{
	struct report_delivery delivery;

	return report_delivery_read(entry, &delivery, err);
}

static int check_window(const json_t *entry, struct error *err)
{
	struct report_window window;

	return report_window_read(entry, &window, err);
}

static int check_problem(const json_t *entry, struct error *err)
{
	struct report_problem problem;

	return report_problem_read(entry, &problem, err);
}

int report_check_lists(const json_t *problems, const json_t *packages, const json_t *deliveries,
	const json_t *windows, struct error *err)
{
	const struct {
		const char *name;
		const json_t *list;
		size_t most;
		int (*check)(const json_t *entry, struct error *err);
	} lists[] = {
		{"problems", problems, PROBLEMS_MOST, check_problem},
		{"packages", packages, PACKAGES_MOST, check_package},
		{"deliveries", deliveries, DELIVERIES_MOST, check_delivery},
		{"windows", windows, WINDOWS_MOST, check_window},
	};

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		if (json_array_size(lists[i].list) > lists[i].most)
			return error_set(
				err, ERROR_INPUT, "'%s' has more than %zu entries", lists[i].name, lists[i].most);
		for (size_t at = 0; at < json_array_size(lists[i].list); at++)
			if (lists[i].check(json_array_get(lists[i].list, at), err) < 0)
				return error_context(err, "%s, entry %zu", lists[i].name, at + 1);
	}
	return 0;
}
