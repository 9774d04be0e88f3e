#include <fcntl.h>

#include "common/auto.h"
#include "tests/support/test.h"

static void test_a_closed_descriptor_is_closed_once(void **state)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC), copy = fd;

	(void)state;
	assert_true(fd >= 0);
	fd_close(&fd);
	assert_int_equal(fd, -1);
	assert_int_equal(fcntl(copy, F_GETFD), -1);
	fd_close(&fd); /* not whoever has its number now */
	assert_int_equal(fd, -1);
}

static void test_zero_is_a_descriptor(void **state)
{
	int kept = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3), fd = STDIN_FILENO;

	(void)state;
	fd_close(&fd);
	assert_int_equal(fcntl(STDIN_FILENO, F_GETFD), -1);
	if (kept >= 0)
		assert_int_equal(dup2(kept, STDIN_FILENO), STDIN_FILENO);
	fd_close(&kept);
}

static void test_who_takes_a_descriptor_leaves_none(void **state)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC), taken = take_fd(&fd);

	(void)state;
	assert_int_equal(fd, -1);
	assert_true(fcntl(taken, F_GETFD) >= 0);
	fd_close(&taken);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_closed_descriptor_is_closed_once),
		cmocka_unit_test(test_zero_is_a_descriptor),
		cmocka_unit_test(test_who_takes_a_descriptor_leaves_none),
	};

	return cmocka_run_group_tests_name("auto", tests, NULL, NULL);
}
