#include "tools/repo/base/command.h"

#include <inttypes.h>
#include <stdio.h>

#include "common/auto.h"

void tool_tell_staged(const char *what, const char *role, int64_t missing)
{
	if (missing == 0)
		(void)printf("%s is staged. Next: haishin-repo publish\n", what);
	else
		(void)printf("%s is staged; '%s' lacks %" PRId64
			     " signature%s: give --keys the folder of its keys, or have it signed "
			     "elsewhere (haishin-repo export %s)\n",
			what, role, missing, missing == 1 ? "" : "s", role);
}

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
