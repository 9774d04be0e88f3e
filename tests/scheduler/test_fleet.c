#include "tests/support/test.h"

#include <stdlib.h>

#include "common/json.h"
#include "tools/fleet/figures.h"

static struct fleet_result *run(const struct fleet_options *options)
{
	struct fleet_result *result = calloc(1, sizeof(*result));
	struct error err;
	struct fs fs;

	fs_init(&fs);
	assert_non_null(result);
	assert_ok(fleet_run(&fs, options, result, &err), &err);
	return result;
}

static struct fleet_options small_fleet(void)
{
	struct fleet_options options = FLEET_OPTIONS_INIT;

	options.terminals = 8000;
	return options;
}

TEST_CASE(test_all_are_served_in_the_first_night_that_they_are_on)
{
	struct fleet_options options = small_fleet();
	struct fleet_result *result = run(&options);
	uint32_t served = 0;

	assert_true(fleet_served_all(result));
	for (uint32_t i = 0; i < options.nights; i++)
		served += result->nights[i].served;
	assert_int_equal(served, result->served);
	/* One in a thousand is off for three nights. */
	assert_true(result->served > 7950);
	assert_in_range(result->nights[0].on, 7000, 7400);
	free(result);
}

TEST_CASE(test_the_load_is_even_where_the_fleet_is_large)
{
	struct fleet_options options = FLEET_OPTIONS_INIT;
	struct fleet_result *result;

	options.terminals = 60000;
	options.nights = 1;
	result = run(&options);
	/* Chance alone moves a fleet of this size by a tenth. */
	assert_true(fleet_peak(&result->nights[0]) < 1.25 * fleet_mean(&result->nights[0]));
	assert_true(result->nights[0].after_end_s == 0);
	free(result);
}

TEST_CASE(test_all_at_once_is_seen)
{
	struct fleet_result *result = calloc(1, sizeof(*result));

	assert_non_null(result);
	result->options.nights = 1;
	for (size_t i = 0; i < FLEET_MINUTES; i++)
		result->nights[0].load[i] = i == 60 ? 1.16 * 540 / 539 : 1;
	assert_false(fleet_is_even(result));
	result->nights[0].load[60] = 1.14;
	assert_true(fleet_is_even(result));
	result->nights[0].first = 10;
	result->nights[0].first_served = 9;
	assert_false(fleet_served_all(result));
	free(result);
}

TEST_CASE(test_the_same_seed_gives_the_same_fleet)
{
	struct fleet_options options = small_fleet();
	struct fleet_result *first = run(&options), *second = run(&options), *other;

	assert_memory_equal(first, second, sizeof(*first));
	options.seed++;
	other = run(&options);
	assert_memory_not_equal(first->nights, other->nights, sizeof(first->nights));
	free(first);
	free(second);
	free(other);
}

TEST_CASE(test_errors_of_half_of_all_attempts_delay_but_do_not_stop_a_fleet)
{
	struct fleet_options options = small_fleet();
	struct fleet_result *result;

	options.failures_per_mille = 500;
	result = run(&options);
	assert_true(result->nights[0].failures > 5000);
	assert_true(result->served > 7900);
	free(result);
}

TEST_CASE(test_prints_json_and_a_drawing)
{
	struct buf text = BUF_INIT(1 << 20), svg = BUF_INIT(1 << 20);
	struct fleet_options options = small_fleet();
	struct fleet_result *result = run(&options);
	json_t *root;
	struct error err;

	assert_ok(figures_json(result, &text, &err), &err);
	assert_non_null(root = json_parse(text.data, text.len, &err));
	assert_int_equal(json_integer_value(json_object_get(root, "terminals")), 8000);
	assert_int_equal(json_array_size(json_object_get(root, "by_night")), 3);
	assert_true(json_is_true(json_object_get(root, "all_served_in_first_night_on")));
	json_decref(root);
	buf_empty(&text);
	assert_ok(figures_text(result, &text, &err), &err);
	assert_non_null(strstr(buf_text(&text), "8000 terminals, 3 nights"));
	assert_ok(figures_svg(result, &svg, &err), &err);
	assert_non_null(strstr(buf_text(&svg), "</svg>"));
	assert_null(strstr(buf_text(&svg), "nan"));
	buf_clear(&text);
	buf_clear(&svg);
	free(result);
}

TEST_CASE(test_refuses_a_fleet_of_none_and_nights_without_end)
{
	struct fleet_options options = small_fleet();
	struct fleet_result *result = calloc(1, sizeof(*result));
	struct error err;
	struct fs fs;

	fs_init(&fs);
	options.terminals = 0;
	assert_int_equal(fleet_run(&fs, &options, result, &err), -1);
	assert_error(&err, ERROR_USAGE, "at least 1 terminal");
	options.terminals = 1;
	options.nights = FLEET_NIGHTS_MAX + 1;
	assert_int_equal(fleet_run(&fs, &options, result, &err), -1);
	free(result);
}

TESTS(NULL, NULL)
