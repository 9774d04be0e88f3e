#include <fcntl.h>

#include "common/auto.h"
#include "tests/support/test.h"

TEST_CASE(test_a_closed_descriptor_is_closed_once)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC), copy = fd;

	assert_true(fd >= 0);
	fd_close(&fd);
	assert_int_equal(fd, -1);
	assert_int_equal(fcntl(copy, F_GETFD), -1);
	fd_close(&fd); /* not whoever has its number now */
	assert_int_equal(fd, -1);
}

TEST_CASE(test_zero_is_a_descriptor)
{
	int kept = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3), fd = STDIN_FILENO;

	fd_close(&fd);
	assert_int_equal(fcntl(STDIN_FILENO, F_GETFD), -1);
	if (kept >= 0)
		assert_int_equal(dup2(kept, STDIN_FILENO), STDIN_FILENO);
	fd_close(&kept);
}

TEST_CASE(test_who_takes_a_descriptor_leaves_none)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC), taken = take_fd(&fd);

	assert_int_equal(fd, -1);
	assert_true(fcntl(taken, F_GETFD) >= 0);
	fd_close(&taken);
}

TESTS(NULL, NULL)
