#include "updater/inspect/glance.h"

#include <stdio.h>
#include <string.h>

#include "manifests/release/release_parts.h"

#define HEADER "haishin-look 1 %s %zu\n"
#define HEADER_SIZE 128
#define FNV_BASIS UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME UINT64_C(0x100000001b3)

uint64_t glance_of(const struct stat *st)
{
	const uint64_t words[] = {(uint64_t)st->st_mode, (uint64_t)st->st_size, (uint64_t)st->st_mtim.tv_sec,
		(uint64_t)st->st_mtim.tv_nsec, (uint64_t)st->st_ctim.tv_sec, (uint64_t)st->st_ctim.tv_nsec};
	uint64_t print = FNV_BASIS;

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		for (int shift = 0; shift < 64; shift += 8)
			print = (print ^ (words[i] >> shift & 0xff)) * FNV_PRIME;
	return print == GLANCE_UNKNOWN ? 1 : print;
}

static size_t print_header(const struct sha256 *id, size_t count, char ret_header[static HEADER_SIZE])
{
	char hex[SHA256_HEX_SIZE];

	return (size_t)snprintf(ret_header, HEADER_SIZE, HEADER, sha256_hex(id, hex), count);
}

static uint64_t take_number(const uint8_t bytes[static 8])
{
	uint64_t number = 0;

	for (int i = 7; i >= 0; i--)
		number = number << 8 | bytes[i];
	return number;
}

void glance_read(struct fs *fs, int dir_fd, const char *name, const struct sha256 *id, uint64_t *ret_prints, size_t count)
{
	char header[HEADER_SIZE];
	size_t len = print_header(id, count, header);
	AUTO(buf) struct buf bytes = BUF_INIT(HEADER_SIZE + 8 * (size_t)RELEASE_MAX_FILES);
	struct error ignored;

	memset(ret_prints, 0, count * sizeof(*ret_prints));
	if (fs_read_file(fs, dir_fd, name, &bytes, &ignored) < 0 || bytes.len != len + 8 * count ||
		memcmp(bytes.data, header, len) != 0)
		return;
	for (size_t i = 0; i < count; i++)
		ret_prints[i] = take_number((const uint8_t *)bytes.data + len + 8 * i);
}

int glance_write(struct fs *fs, int dir_fd, const char *name, const struct sha256 *id, const uint64_t *prints, size_t count,
	struct error *err)
{
	AUTO(buf) struct buf bytes = BUF_INIT(HEADER_SIZE + 8 * (size_t)RELEASE_MAX_FILES);
	char header[HEADER_SIZE];

	if (buf_append(&bytes, header, print_header(id, count, header), err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		uint8_t number[8];

		for (int k = 0; k < 8; k++)
			number[k] = (uint8_t)(prints[i] >> 8 * k);
		if (buf_append(&bytes, number, sizeof(number), err) < 0)
			return -1;
	}
	return fs_write_file(fs, dir_fd, name, bytes.data, bytes.len, 0600, err);
}
