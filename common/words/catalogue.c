#include "common/words/catalogue.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

void catalogue_find(const char *domain)
{
	char path[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - sizeof("/share/locale"));

	if (len < 0)
		return;
	path[len] = '\0';
	for (int level = 0; level < 2; level++) {
		char *slash = strrchr(path, '/');

		if (slash)
			*slash = '\0';
	}
	(void)strcat(path, "/share/locale");
	(void)bindtextdomain(domain, path);
	(void)bind_textdomain_codeset(domain, "UTF-8");
}
