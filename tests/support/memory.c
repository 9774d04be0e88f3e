#include "tests/support/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void take_larger(const char *line, const char *name, long *kib)
{
	long found = strncmp(line, name, strlen(name)) == 0 ? strtol(line + strlen(name), NULL, 10) : 0;

	if (found > *kib)
		*kib = found;
}

void memory_look(struct memory *memory)
{
	FILE *file = fopen("/proc/self/status", "re");
	char line[256];

	if (!file) {
		perror("/proc/self/status");
		exit(1);
	}
	while (fgets(line, sizeof(line), file)) {
		take_larger(line, "VmHWM:", &memory->most_kib);
		take_larger(line, "RssAnon:", &memory->own_kib);
	}
	(void)fclose(file);
}
