#include "updater/delta_make/delta_write.h"

#include <string.h>

#include "updater/attempt/delta_pack.h"
#include "updater/delta_make/parallel.h"
#include "updater/attempt/attempt.h"

struct packing {
	const struct buf *sections;
	struct buf packed[DELTA_SECTIONS];
};

static void packing_clear(struct packing *packing)
{
	for (int i = 0; i < DELTA_SECTIONS; i++)
		buf_clear(&packing->packed[i]);
}
DEFINE_AUTO(packing, struct packing, packing_clear);

static int pack_section(void *context, size_t index, struct error *err)
{
	struct packing *packing = context;
	const struct buf *section = &packing->sections[index];

	packing->packed[index].limit = ATTEMPT_BYTES_MOST;
	return pack_smallest(section->data, section->len, &packing->packed[index], err);
}

static int put_head(const struct buf *packed, const struct buf *section, struct buf *ret_delta, struct error *err)
{
	uint8_t head[DELTA_SECTION_HEAD_SIZE] = {0};

	head[0] = (uint8_t)packed->data[0]; /* how it is packed */
	for (int byte = 0; byte < 8; byte++) {
		head[8 + byte] = (uint8_t)((packed->len - 1) >> (8 * byte));
		head[16 + byte] = (uint8_t)(section->len >> (8 * byte));
	}
	return buf_append(ret_delta, head, sizeof(head), err);
}

int delta_write(const struct delta_side *from, const struct delta_side *to, bool former_format, unsigned threads,
	const struct buf sections[static DELTA_SECTIONS], struct buf *ret_delta, struct error *err)
{
	AUTO(packing) struct packing packing = {.sections = sections};
	struct parallel parallel = {.threads = threads, .work = pack_section, .context = &packing};
	size_t count = former_format ? DELTA_FORMER_SECTIONS : DELTA_SECTIONS;

	if (parallel_run(&parallel, count, err) < 0 ||
		buf_append(ret_delta, former_format ? DELTA_FORMER_MAGIC : DELTA_MAGIC, DELTA_MAGIC_SIZE,
			err) < 0 ||
		buf_append(ret_delta, from->id.bytes, SHA256_SIZE, err) < 0 ||
		buf_append(ret_delta, to->id.bytes, SHA256_SIZE, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (put_head(&packing.packed[i], &sections[i], ret_delta, err) < 0)
			return -1;
	for (size_t i = 0; i < count; i++)
		if (buf_append(ret_delta, packing.packed[i].data + 1, packing.packed[i].len - 1, err) < 0)
			return -1;
	return 0;
}
