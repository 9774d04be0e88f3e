#include "updater/delta_make/delta_write.h"

#include <string.h>

#include "updater/delta_make/delta_number.h"
#include "updater/delta_make/delta_pack.h"
#include "updater/delta_make/differences_split.h"

/* Sections as they go into the file: a head each, and behind the last of these the packed bytes. */
struct packed {
	struct buf heads;
	struct buf bytes;
};

static void packed_init(struct packed *packed)
{
	packed->heads = (struct buf)BUF_INIT(DELTA_SECTIONS * DELTA_SECTION_HEAD_SIZE);
	packed->bytes = (struct buf)BUF_INIT(DELTA_SECTION_BYTES_MOST);
}

static void packed_clear(struct packed *packed)
{
	buf_clear(&packed->heads);
	buf_clear(&packed->bytes);
}
DEFINE_AUTO(packed, struct packed, packed_clear);

static int pack(struct packed *packed, const struct buf *section, struct error *err)
{
	AUTO(buf) struct buf bytes = BUF_INIT(DELTA_SECTION_BYTES_MOST);
	uint8_t head[DELTA_SECTION_HEAD_SIZE] = {0};

	if (pack_smallest(section->data, section->len, &bytes, err) < 0)
		return -1;
	head[0] = (uint8_t)bytes.data[0]; /* how it is packed */
	for (int byte = 0; byte < 8; byte++) {
		head[8 + byte] = (uint8_t)((bytes.len - 1) >> (8 * byte));
		head[16 + byte] = (uint8_t)(section->len >> (8 * byte));
	}
	if (buf_append(&packed->heads, head, sizeof(head), err) < 0)
		return -1;
	return buf_append(&packed->bytes, bytes.data + 1, bytes.len - 1, err);
}

static int append(struct packed *packed, const struct packed *more, struct error *err)
{
	if (buf_append(&packed->heads, buf_text(&more->heads), more->heads.len, err) < 0)
		return -1;
	return buf_append(&packed->bytes, buf_text(&more->bytes), more->bytes.len, err);
}

static void sections_clear(struct differences_sections *sections)
{
	buf_clear(&sections->equal);
	buf_clear(&sections->unequal);
	buf_clear(&sections->differences);
}
DEFINE_AUTO(sections, struct differences_sections, sections_clear);

static void sections_init(struct differences_sections *sections)
{
	sections->equal.limit = sections->unequal.limit = sections->differences.limit = DELTA_SECTION_BYTES_MOST;
}

static int pack_three(struct packed *packed, const struct buf *equal, const struct buf *unequal,
	const struct buf *differences, struct error *err)
{
	if (pack(packed, equal, err) < 0 || pack(packed, unequal, err) < 0)
		return -1;
	return pack(packed, differences, err);
}

/* As one run of differences, zeros among them. */
static int pack_as_one_run(struct packed *packed, const struct buf *differences, struct error *err)
{
	AUTO(sections) struct differences_sections run = {0};

	sections_init(&run);
	if (differences->len && (delta_number_append(&run.equal, 0, err) < 0 ||
					delta_number_append(&run.unequal, differences->len, err) < 0))
		return -1;
	return pack_three(packed, &run.equal, &run.unequal, differences, err);
}

static int pack_split(struct packed *packed, const struct buf *differences, struct error *err)
{
	AUTO(sections) struct differences_sections runs = {0};

	sections_init(&runs);
	if (differences_split((const uint8_t *)buf_text(differences), differences->len, &runs, err) < 0)
		return -1;
	return pack_three(packed, &runs.equal, &runs.unequal, &runs.differences, err);
}

/* Addresses that moved alike all over a large program pack better split, a small one's patterns better whole. */
static int pack_differences(struct packed *packed, const struct buf *differences, struct error *err)
{
	AUTO(packed) struct packed whole = {0};
	AUTO(packed) struct packed split = {0};

	packed_init(&whole);
	packed_init(&split);
	if (pack_as_one_run(&whole, differences, err) < 0 || pack_split(&split, differences, err) < 0)
		return -1;
	return append(packed, split.bytes.len < whole.bytes.len ? &split : &whole, err);
}

int delta_write(const struct delta_side *from, const struct delta_side *to,
	struct buf sections[static DELTA_SECTIONS], struct buf *ret_delta, struct error *err)
{
	AUTO(packed) struct packed packed = {0};

	packed_init(&packed);
	for (int i = DELTA_FILES; i <= DELTA_SEEKS; i++)
		if (pack(&packed, &sections[i], err) < 0)
			return -1;
	if (pack_differences(&packed, &sections[DELTA_DIFFERENCES], err) < 0 ||
		pack(&packed, &sections[DELTA_EXTRA], err) < 0 ||
		buf_append(ret_delta, DELTA_MAGIC, DELTA_MAGIC_SIZE, err) < 0 ||
		buf_append(ret_delta, from->id.bytes, SHA256_SIZE, err) < 0 ||
		buf_append(ret_delta, to->id.bytes, SHA256_SIZE, err) < 0 ||
		buf_append(ret_delta, buf_text(&packed.heads), packed.heads.len, err) < 0)
		return -1;
	return buf_append(ret_delta, buf_text(&packed.bytes), packed.bytes.len, err);
}
