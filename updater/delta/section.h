/* One compressed section of a file, read from its beginning to its end in bounded memory. */
#ifndef UPDATER_DELTA_SECTION_H
#define UPDATER_DELTA_SECTION_H

#include <stddef.h>
#include <stdint.h>

#include "common/auto.h"
#include "common/error.h"

struct section;

/* The LEN bytes at OFFSET of FD (borrowed) hold UNPACKED bytes, packed as KIND (enum delta_packing) says. */
WARN_UNUSED int section_open(int fd, uint64_t offset, uint64_t len, uint64_t unpacked, int kind,
	struct section **ret_section, struct error *err);
/* Exactly LEN bytes. ERROR_REFUSED where the section ends before, or is no compressed data. */
WARN_UNUSED int section_read(struct section *section, void *ret_data, size_t len, struct error *err);
/* One variable-length number; and one with a sign. */
WARN_UNUSED int section_read_number(struct section *section, uint64_t *ret_number, struct error *err);
WARN_UNUSED int section_read_signed(struct section *section, int64_t *ret_number, struct error *err);
void section_free(struct section *section);
DEFINE_AUTO_PTR(section, struct section, section_free);

#endif
