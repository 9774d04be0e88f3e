/* Who may have written, or may read, a file that matters. */
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "common/access/trusted_file.h"
#include "tests/support/folder.h"
#include "tests/support/test.h"

#define SOMEBODY 65533u

/* In a process of that account (root alone can become another): 0 where it may use the file as a secret. */
static int read_as(const struct folder *folder, uid_t uid)
{
	AUTO(buf) struct buf bytes = BUF_INIT(4096);
	struct error err = {0};
	struct fs fs;
	pid_t pid;
	int status;

	fs_init(&fs);
	if ((pid = fork()) == 0) {
		if (geteuid() != uid && setuid(uid) < 0)
			_exit(2);
		_exit(trusted_file_read_secret(&fs, folder->fd, "secret", &bytes, &err) < 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WEXITSTATUS(status);
}

struct entry {
	uint16_t tag, permissions;
	uint32_t id;
};

/* Puts a list on the file: the owner reads, and these may, besides what COUNT entries say. */
static void put_list(const struct folder *folder, const struct entry *more, size_t count)
{
	static const struct entry first = {0x01, 4, UINT32_MAX};
	static const struct entry last[] = {{0x10, 4, UINT32_MAX}, {0x20, 0, UINT32_MAX}};
	unsigned char list[4 + 16 * sizeof(struct entry)] = {2};
	size_t len = 4;
	int fd = openat(folder->fd, "secret", O_RDONLY | O_CLOEXEC);

	memcpy(list + len, &first, sizeof(first));
	len += sizeof(first);
	memcpy(list + len, more, count * sizeof(*more));
	len += count * sizeof(*more);
	memcpy(list + len, last, sizeof(last));
	len += sizeof(last);
	assert_true(fd >= 0);
	assert_int_equal(fsetxattr(fd, "system.posix_acl_access", list, len, 0), 0);
	(void)close(fd);
}

/* As the service manager hands a credential to a service's account. */
TEST_CASE(test_a_secret_that_a_list_opens_for_us_alone_is_one)
{
	const uid_t own = geteuid(), service = own ? own : SOMEBODY;
	struct folder folder;
	struct stat st;

	folder_init(&folder);
	assert_int_equal(fchmod(folder.fd, 0755), 0);
	folder_put_secret(&folder, "secret", "words");
	put_list(&folder, (const struct entry[]){{0x02, 4, service}, {0x04, 0, UINT32_MAX}}, 2);
	assert_int_equal(fstatat(folder.fd, "secret", &st, 0), 0);
	assert_int_equal(st.st_mode & 0777, 0440); /* which is no group's right */
	assert_int_equal(read_as(&folder, service), 0);
	/* For whom somebody else may read it too, it is no secret. */
	put_list(&folder, (const struct entry[]){{0x02, 4, service}, {0x02, 4, service + 1}, {0x04, 0, UINT32_MAX}}, 3);
	assert_int_equal(read_as(&folder, service), 1);
	put_list(&folder, (const struct entry[]){{0x02, 4, service}, {0x04, 4, UINT32_MAX}}, 2);
	assert_int_equal(read_as(&folder, service), 1);
	put_list(&folder, (const struct entry[]){{0x02, 4, service}, {0x04, 0, UINT32_MAX}, {0x08, 4, 1000}}, 3);
	assert_int_equal(read_as(&folder, service), 1);
	folder_clear(&folder);
}

TEST_CASE(test_modes_say_who_may)
{
	static const struct {
		mode_t mode;
		int secret;
	} rows[] = {{0600, 0}, {0400, 0}, {0640, -1}, {0604, -1}, {0620, -1}, {0601, -1}};
	AUTO(buf) struct buf bytes = BUF_INIT(4096);
	struct folder folder;
	struct fs fs;

	fs_init(&fs);
	folder_init(&folder);
	folder_put_secret(&folder, "secret", "words");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct error err = {0};

		assert_int_equal(fchmodat(folder.fd, "secret", rows[i].mode, 0), 0);
		buf_empty(&bytes);
		assert_int_equal(trusted_file_read_secret(&fs, folder.fd, "secret", &bytes, &err), rows[i].secret);
		if (rows[i].secret < 0)
			assert_non_null(strstr(err.text, "chmod go-rwx secret"));
	}
	if (geteuid() == 0) { /* somebody else's, who needs no right to it */
		struct error err = {0};

		assert_int_equal(fchmodat(folder.fd, "secret", 0600, 0), 0);
		assert_int_equal(fchownat(folder.fd, "secret", SOMEBODY, SOMEBODY, 0), 0);
		assert_int_equal(trusted_file_read_secret(&fs, folder.fd, "secret", &bytes, &err), -1);
		assert_error(&err, ERROR_INPUT, "chown root secret");
	}
	folder_clear(&folder);
}

TEST_CASE(test_what_somebody_else_may_write_is_not_believed)
{
	AUTO(buf) struct buf bytes = BUF_INIT(4096);
	struct folder folder;
	struct error err = {0};
	struct fs fs;

	if (geteuid() != 0)
		return;
	fs_init(&fs);
	folder_init(&folder);
	folder_put(&folder, "words", "words", 5);
	assert_int_equal(fchmodat(folder.fd, "words", 0644, 0), 0);
	assert_ok(trusted_file_read(&fs, folder.fd, "words", &bytes, &err), &err);
	assert_int_equal(fchmodat(folder.fd, "words", 0664, 0), 0);
	assert_int_equal(trusted_file_read(&fs, folder.fd, "words", &bytes, &err), -1);
	assert_int_equal(fchmodat(folder.fd, "words", 0644, 0), 0);
	assert_int_equal(fchownat(folder.fd, "words", SOMEBODY, SOMEBODY, 0), 0);
	assert_int_equal(trusted_file_read(&fs, folder.fd, "words", &bytes, &err), -1);
	folder_clear(&folder);
}

TESTS(NULL, NULL)
