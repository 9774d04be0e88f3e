/* A program's fields, noted by their places, to compare those of two programs. */
#ifndef UPDATER_ATTEMPT_MARKS_H
#define UPDATER_ATTEMPT_MARKS_H

#include <stddef.h>
#include <stdint.h>

#include "common/auto.h"
#include "common/error.h"

struct mark {
	uint32_t at;   /* in the file */
	uint32_t kind; /* enum field_kind */
	uint64_t base;
	uint64_t target;
};

struct marks {
	struct mark *all; /* by place */
	size_t count;
	size_t room;
};

void marks_clear(struct marks *marks);
DEFINE_AUTO(marks, struct marks, marks_clear);

/* Of the program of SIZE bytes in FD. ERROR_NOT_FOUND where it is none that is understood (elf_image.h). */
WARN_UNUSED int marks_read(int fd, uint64_t size, struct marks *ret_marks, struct error *err);

#endif
