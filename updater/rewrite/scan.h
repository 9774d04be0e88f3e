/* A walk over all fields of a program, window by window, so that memory does not grow with it. The same on both sides
 * of a delta. Patterns find the fields, no disassembler: what is taken for one by mistake costs bytes of the delta. */
#ifndef UPDATER_REWRITE_SCAN_H
#define UPDATER_REWRITE_SCAN_H

#include <stdbool.h>

#include "common/error.h"
#include "updater/rewrite/elf_image.h"
#include "updater/rewrite/field.h"

/* Does a walk go through the section's bytes, and so bring all of them to OUT_FD? */
bool scan_covers(const struct elf_image *image, const struct elf_section *section);

/* Walks the program in FD. Each window goes to its place in OUT_FD after VISIT saw it; -1: VISIT changes nothing.
 * ERROR_DAMAGED where the file is shorter than its headers say; ERROR_NO_SPACE and others of writing. */
WARN_UNUSED int scan_fields(
	int fd, int out_fd, const struct elf_image *image, field_visit *visit, void *context, struct error *err);

#endif
