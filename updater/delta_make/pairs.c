#include "updater/delta_make/pairs.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

void pairs_clear(struct pairs *pairs)
{
	free(pairs->by_content);
	free(pairs->by_name);
	*pairs = (struct pairs){0};
}

static int by_content(const void *a, const void *b)
{
	return memcmp((*(const struct release_file *const *)a)->sha256.bytes,
		(*(const struct release_file *const *)b)->sha256.bytes, SHA256_SIZE);
}

/* Compares paths as if they had no digits: libjpeg.so.62.3.0 and libjpeg.so.62.4.1 are two versions of one file. */
static int by_name(const void *a, const void *b)
{
	const char *left = (*(const struct release_file *const *)a)->path;
	const char *right = (*(const struct release_file *const *)b)->path;

	for (;; left++, right++) {
		while (isdigit((unsigned char)*left))
			left++;
		while (isdigit((unsigned char)*right))
			right++;
		if (*left != *right || !*left)
			return (unsigned char)*left - (unsigned char)*right;
	}
}

int pairs_init(struct pairs *ret_pairs, const struct release *old, struct error *err)
{
	AUTO(pairs) struct pairs pairs = {0};

	pairs.by_content = calloc(old->files_count + 1, sizeof(*pairs.by_content));
	pairs.by_name = calloc(old->files_count + 1, sizeof(*pairs.by_name));
	if (!pairs.by_content || !pairs.by_name)
		return error_set(err, ERROR_FAILED, "no memory for %zu files", old->files_count);
	for (size_t i = 0; i < old->files_count; i++) {
		if (old->files[i].type != RELEASE_FILE)
			continue;
		pairs.by_content[pairs.count] = &old->files[i];
		pairs.by_name[pairs.count++] = &old->files[i];
	}
	qsort(pairs.by_content, pairs.count, sizeof(*pairs.by_content), by_content);
	qsort(pairs.by_name, pairs.count, sizeof(*pairs.by_name), by_name);
	*ret_pairs = pairs;
	pairs = (struct pairs){0};
	return 0;
}

bool pairs_have(const struct pairs *pairs, const struct release_file *file)
{
	return bsearch(&file, pairs->by_content, pairs->count, sizeof(*pairs->by_content), by_content) != NULL;
}

const struct release_file *pairs_find(const struct pairs *pairs, const struct release_file *file)
{
	const struct release_file **found =
		bsearch(&file, pairs->by_name, pairs->count, sizeof(*pairs->by_name), by_name);
	const struct release_file **last = pairs->by_name + pairs->count, **first = found;
	const struct release_file *best;

	if (!found)
		return NULL;
	while (first > pairs->by_name && by_name(first - 1, &file) == 0)
		first--;
	best = *first;
	for (; first < last && by_name(first, &file) == 0; first++)
		if (strcmp((*first)->path, file->path) == 0)
			return *first;
	return best;
}
