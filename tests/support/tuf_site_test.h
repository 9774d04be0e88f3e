/* Setup for cmocka tests that each get a fresh site as *state. */
#ifndef TESTS_SUPPORT_TUF_SITE_TEST_H
#define TESTS_SUPPORT_TUF_SITE_TEST_H

#include "tests/support/test.h"
#include "tests/support/tuf_site.h"

static inline int tuf_site_setup(void **state)
{
	struct tuf_site *site = malloc(sizeof(*site));

	if (!site)
		return -1;
	tuf_site_init(site);
	*state = site;
	return 0;
}

static inline int tuf_site_teardown(void **state)
{
	tuf_site_clear(*state);
	free(*state);
	return 0;
}

#define site_test(function) cmocka_unit_test_setup_teardown(function, tuf_site_setup, tuf_site_teardown)

#define assert_refreshes(site) assert_ok(tuf_site_refresh(site), &(site)->err)

#define assert_refresh_refused(site, why)                                                                            \
	do {                                                                                                         \
		assert_int_equal(tuf_site_refresh(site), -1);                                                        \
		assert_error(&(site)->err, ERROR_REFUSED, why);                                                      \
	} while (0)

/* It is signed well and past its time. */
#define assert_refresh_expired(site, what)                                                                           \
	do {                                                                                                         \
		assert_int_equal(tuf_site_refresh(site), -1);                                                        \
		assert_error(&(site)->err, ERROR_EXPIRED, "freeze attack: " what);                                   \
	} while (0)

/* The versions of root, timestamp, snapshot and targets in the client's folder; 0 where there is none. */
#define assert_versions(site, root, timestamp, snapshot, targets)                                                    \
	do {                                                                                                         \
		assert_int_equal(tuf_site_version(site, "root"), root);                                              \
		assert_int_equal(tuf_site_version(site, "timestamp"), timestamp);                                    \
		assert_int_equal(tuf_site_version(site, "snapshot"), snapshot);                                      \
		assert_int_equal(tuf_site_version(site, "targets"), targets);                                        \
	} while (0)

#define assert_requests(site, expected) assert_string_equal((site)->repository.requests, expected)

#endif
