#include "manifests/release/release_links.h"

#include <stdio.h>
#include <string.h>

#define LINKS_MOST 40 /* as the kernel */

static const struct release_file *find_file(const struct release *release, const char *path, size_t len)
{
	for (size_t i = 0; i < release->files_count; i++)
		if (strncmp(release->files[i].path, path, len) == 0 && !release->files[i].path[len])
			return &release->files[i];
	return NULL;
}

/* The shortest beginning of PATH that is a link; NULL where none is. */
static const struct release_file *find_link(const struct release *release, const char *path, size_t *ret_len)
{
	for (size_t len = strcspn(path, "/");; len += 1 + strcspn(path + len + 1, "/")) {
		const struct release_file *file = find_file(release, path, len);

		*ret_len = len;
		if (file && file->type == RELEASE_LINK)
			return file;
		if (!path[len])
			return NULL;
	}
}

/* Puts what the link LEN bytes into PATH means in its place. False where that leaves the release, or is too long. */
static bool follow(char path[static RELEASE_PATH_SIZE], size_t len, const char *link)
{
	char followed[RELEASE_PATH_SIZE];
	int printed;

	do
		len--;
	while (len && path[len] != '/'); /* the folder that it lies in */
	for (; strncmp(link, "./", 2) == 0 || strncmp(link, "../", 3) == 0; link += link[1] == '/' ? 2 : 3) {
		if (link[1] == '/')
			continue;
		if (!len)
			return false;
		do
			len--;
		while (len && path[len] != '/');
	}
	printed = snprintf(followed, sizeof(followed), "%.*s%s%s", (int)len, path, len ? "/" : "", link);
	for (char *dot; (dot = strstr(followed, "/./"));)
		memmove(dot, dot + 2, strlen(dot + 2) + 1);
	(void)strcpy(path, followed);
	return printed < (int)sizeof(followed);
}

const struct release_file *release_links_find(const struct release *release, const char *path)
{
	char place[RELEASE_PATH_SIZE], rest[RELEASE_PATH_SIZE], link[2 * RELEASE_PATH_SIZE];
	const struct release_file *file;
	size_t len;

	if (!*path || snprintf(place, sizeof(place), "%s", path) >= (int)sizeof(place))
		return NULL;
	for (int links = 0; (file = find_link(release, place, &len)); links++) {
		(void)strcpy(rest, place + len);
		if (links == LINKS_MOST ||
			snprintf(link, sizeof(link), "%s%s", file->link, rest) >= (int)sizeof(link) ||
			!follow(place, len, link))
			return NULL;
	}
	return find_file(release, place, strlen(place));
}
