#include "tools/repo/base/command.h"

#include <stdio.h>

#include "common/auto.h"

int tool_print_json(const json_t *json, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(64u << 20);

	if (!json)
		return error_set(err, ERROR_FAILED, "no memory to print JSON");
	if (json_write_pretty(json, &text, err) < 0)
		return -1;
	if (puts(buf_text(&text)) == EOF)
		return error_set(err, ERROR_FAILED, "cannot print");
	return 0;
}
