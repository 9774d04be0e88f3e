#include "updater/delta/delta.h"

#include "updater/delta/decoder.h"

struct described {
	uint64_t step; /* files of the new release to skip */
	uint64_t from; /* 1 + the old file's number; 0: none */
	uint64_t kind;
};

static int read_described(struct decoder *decoder, struct described *ret_file, struct error *err)
{
	struct section *files = decoder->sections[DELTA_FILES];

	*ret_file = (struct described){0};
	if (section_read_number(files, &ret_file->step, err) < 0 ||
		section_read_number(files, &ret_file->from, err) < 0)
		return -1;
	return decoder->sections[DELTA_MAPS] ? section_read_number(files, &ret_file->kind, err) : 0;
}

/* Does INDEX and what was read name two files? */
static int check_described(const struct delta *delta, size_t index, const struct described *file, struct error *err)
{
	const struct release *to = delta->needs->release, *from = delta->from_release;

	if (file->step >= to->files_count - index || to->files[index + file->step].type != RELEASE_FILE ||
		file->from > from->files_count || (file->from && from->files[file->from - 1].type != RELEASE_FILE))
		return error_set(err, ERROR_REFUSED, "the delta names a file that is not in the release");
	if (file->kind >= DELTA_KINDS || (file->kind != DELTA_BYTES && !file->from))
		return error_set(err, ERROR_REFUSED, "the delta has a kind of file that is not known here");
	return 0;
}

int delta_apply(struct delta *delta, struct error *err)
{
	AUTO(decoder) struct decoder *decoder = NULL;
	const struct release *from = delta->from_release;
	struct described file;
	uint64_t count;
	size_t index = 0;

	delta->did_not_come_out = 0;
	if (decoder_new(delta, &decoder, err) < 0 ||
		section_read_number(decoder->sections[DELTA_FILES], &count, err) < 0)
		return -1;
	for (; count; count--, index++) {
		if (read_described(decoder, &file, err) < 0 || check_described(delta, index, &file, err) < 0)
			return -1;
		index += (size_t)file.step;
		if (decoder_make_file(decoder, index, file.from ? &from->files[file.from - 1] : NULL,
			    (enum delta_kind)file.kind, err) < 0)
			return error_context(err, "delta");
	}
	return 0;
}
