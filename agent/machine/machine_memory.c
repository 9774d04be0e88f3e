#include "agent/machine/machine_memory.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MEMORY_FILE "/proc/meminfo"
#define MEMORY_MAX_BYTES 16384
#define AVAILABLE "MemAvailable:"
#define LEAST_KIB (32u << 10) /* with less neither a delivery nor a check of a package comes to its end */

void machine_look_at_memory(const struct machine_question *question, struct machine *machine)
{
	AUTO(buf) struct buf text = BUF_INIT(MEMORY_MAX_BYTES);
	const char *line;
	char path[PATH_MAX];
	long long kib;

	(void)snprintf(path, sizeof(path), "%s" MEMORY_FILE, question->config->root);
	if (!fs_exists(question->fs, AT_FDCWD, path))
		(void)strcpy(path, MEMORY_FILE);
	if (fs_read_file(question->fs, AT_FDCWD, path, &text, NULL) < 0 || !(line = strstr(buf_text(&text), AVAILABLE)))
		return;
	kib = strtoll(line + strlen(AVAILABLE), NULL, 10);
	if (kib < LEAST_KIB)
		(void)machine_add(machine, MACHINE_MEMORY_LOW, path, "%lld MiB are available", kib >> 10);
}
