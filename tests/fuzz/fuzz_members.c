/* An old archive that may be anything: where members are found, they and what is between them account for all of it. */
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"
#include "updater/members/members.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	AUTO(fd) int fd = memfd_create("archive", MFD_CLOEXEC);
	AUTO(fd) int scratch_fd = memfd_create("scratch", MFD_CLOEXEC);
	AUTO(members) struct members members = { 0 };
	AUTO(buf) struct buf table = BUF_INIT(MEMBERS_PIECES_MOST * MEMBERS_PIECE_SIZE);
	uint64_t behind = 0;
	struct stat st;

	if (fd < 0 || scratch_fd < 0 || write(fd, data, len) != (ssize_t)len)
		abort();
	if (members_inflate(fd, len, scratch_fd, &members, NULL) < 0)
		return 0;
	if (members_table(&members, len, &table, NULL) < 0 || fstat(scratch_fd, &st) < 0 || (uint64_t)st.st_size != members.len)
		abort();
	for (size_t i = 0; i < members.count; i += members.all[i].inner + 1) {
		const struct member *member = &members.all[i];

		if (member->packed_at < behind || member->packed_at + member->packed_len > len ||
		    member->at + member->len > members.len)
			abort();
		behind = member->packed_at + member->packed_len;
	}
	return 0;
}
