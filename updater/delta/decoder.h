/* One delta while it is being applied: what its parts share. Part of updater/delta. */
#ifndef UPDATER_DELTA_DECODER_H
#define UPDATER_DELTA_DECODER_H

#include <stdint.h>

#include "common/auto.h"
#include "common/digest.h"
#include "common/error.h"
#include "updater/delta/delta_format.h"
#include "updater/delta/delta_request.h"
#include "updater/delta/differences.h"
#include "updater/delta/source.h"

#define DECODER_CHUNK 65536

struct decoder {
	struct delta *delta;
	struct section *sections[DELTA_SECTIONS]; /* the last is NULL in a delta of the former format */
	struct differences differences;
	struct digest *digest;
	uint64_t since_report;
	/* The file being made. */
	const struct release_file *file;
	struct source source;
	int new_fd; /* -1 where the file is there already, or is left to the frames: its bytes only pass by */
	uint64_t made;	  /* of what the source makes */
	uint64_t written; /* of the file */
	uint8_t data[DECODER_CHUNK];
};

void decoder_free(struct decoder *decoder);
DEFINE_AUTO_PTR(decoder, struct decoder, decoder_free);

/* Opens the sections; checks that the delta is one, and between these releases. */
WARN_UNUSED int decoder_new(struct delta *delta, struct decoder **ret_decoder, struct error *err);

/* Makes the file at INDEX of the new release from OLD (NULL: from new bytes alone), as KIND says. */
WARN_UNUSED int decoder_make_file(struct decoder *decoder, size_t index, const struct release_file *old,
	enum delta_kind kind, struct error *err);

#endif
