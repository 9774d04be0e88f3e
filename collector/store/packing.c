#include "collector/store/packing.h"

#include <stdlib.h>
#include <string.h>

#include <zstd.h>

#define LEVEL 3
#define WAY_TOLD 1
#define WAY_PLAIN 2

extern const char packing_words[];

struct packing {
	ZSTD_CCtx *packs;
	ZSTD_DCtx *unpacks;
	char dictionary[PACKING_DICTIONARY_MOST];
};

int packing_open(struct packing **ret_packing, struct error *err)
{
	AUTO(packing) struct packing *packing = calloc(1, sizeof(*packing));

	if (!packing || !(packing->packs = ZSTD_createCCtx()) || !(packing->unpacks = ZSTD_createDCtx()))
		return error_set(err, ERROR_FAILED, "no memory to pack reports");
	*ret_packing = take_ptr(&packing);
	return 0;
}

void packing_close(struct packing *packing)
{
	if (!packing)
		return;
	(void)ZSTD_freeCCtx(packing->packs);
	(void)ZSTD_freeDCtx(packing->unpacks);
	free(packing);
}

/* The words come last: what is near costs less to point at. */
static size_t add_words(struct packing *packing, size_t len)
{
	size_t words = strlen(packing_words);

	memcpy(packing->dictionary + len, packing_words, words);
	return len + words;
}

static size_t make_dictionary(struct packing *packing, const char *certificate)
{
	size_t most = sizeof(packing->dictionary) - strlen(packing_words), len = strlen(certificate);

	len = len < most ? len : most;
	memcpy(packing->dictionary, certificate, len);
	return add_words(packing, len);
}

/* With ends of lines as JSON writes them, so that all of it is one piece of the body. */
static size_t make_plain_dictionary(struct packing *packing, const char *certificate)
{
	size_t most = sizeof(packing->dictionary) - strlen(packing_words), len = 0;

	for (; *certificate && len + 2 <= most; certificate++) {
		if (*certificate == '\n')
			packing->dictionary[len++] = '\\';
		packing->dictionary[len++] = *certificate == '\n' ? 'n' : *certificate;
	}
	return add_words(packing, len);
}

int packing_pack(struct packing *packing, const char *certificate, const void *body, size_t len,
	struct buf *ret_packed, struct error *err)
{
	size_t dictionary = make_plain_dictionary(packing, certificate), most = ZSTD_compressBound(len), packed;
	AUTO(buf) struct buf frame = BUF_INIT(2 * PACKING_BODY_MOST);
	char *room;

	if (len > PACKING_BODY_MOST || buf_extend(&frame, most + 1, &room, err) < 0)
		return error_set(err, ERROR_REFUSED, "a report has at most %d bytes", PACKING_BODY_MOST);
	room[0] = WAY_PLAIN;
	packed = ZSTD_compress_usingDict(
		packing->packs, room + 1, most, body, len, packing->dictionary, dictionary, LEVEL);
	if (ZSTD_isError(packed))
		return error_set(err, ERROR_FAILED, "cannot pack a report: %s", ZSTD_getErrorName(packed));
	return buf_append(ret_packed, room, packed + 1, err);
}

bool packing_is_plain(const void *packed, size_t len)
{
	return len > 0 && *(const char *)packed == WAY_PLAIN;
}

int packing_unpack(struct packing *packing, const char *certificate, const void *packed, size_t len,
	struct buf *ret_body, struct error *err)
{
	size_t dictionary = packing_is_plain(packed, len) ? make_plain_dictionary(packing, certificate)
							  : make_dictionary(packing, certificate),
	       got;
	AUTO(buf) struct buf body = BUF_INIT(PACKING_BODY_MOST);
	char *room;

	if (len < 2 || (*(const char *)packed != WAY_TOLD && !packing_is_plain(packed, len)))
		return error_set(err, ERROR_DAMAGED, "a report was packed in a way that is not known here");
	if (buf_extend(&body, PACKING_BODY_MOST, &room, err) < 0)
		return -1;
	got = ZSTD_decompress_usingDict(packing->unpacks, room, PACKING_BODY_MOST, (const char *)packed + 1, len - 1,
		packing->dictionary, dictionary);
	if (ZSTD_isError(got))
		return error_set(err, ERROR_DAMAGED, "a report cannot be unpacked: %s", ZSTD_getErrorName(got));
	return buf_append(ret_body, room, got, err);
}
