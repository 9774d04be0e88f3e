#include "tools/haishin/ask/alone.h"

#include <string.h>

#include "agent/machine/machine.h"
#include "agent/machine/machine_files.h"
#include "common/text.h"

int alone_look(const struct args *args, struct config *ret_config, struct machine *ret_machine, struct error *err)
{
	struct machine_question question = {.config = ret_config};
	struct fs fs;

	fs_init(&fs);
	question.fs = &fs;
	if (config_load(&fs, args_get(args, "config"), args_get(args, "root"), ret_config, err) < 0)
		return -1;
	machine_look(&question, ret_machine);
	return 0;
}

static void add(json_t *problems, enum machine_fault_kind kind, const char *detail)
{
	(void)json_array_append_new(problems,
		JSON_OBJECT({
			json_text("reason", machine_fault_name(kind)),
			json_text_or_null("detail", text_is_utf8(detail, strlen(detail)) ? detail : NULL),
		}));
}

json_t *alone_problems(const struct args *args)
{
	AUTO(config) struct config config = {0};
	json_t *problems = json_array();
	struct machine machine = {0};
	struct error why = {0};

	if (alone_look(args, &config, &machine, &why) < 0)
		add(problems, machine_settings_fault(&why), why.text);
	for (size_t i = 0; i < machine.count; i++)
		add(problems, machine.faults[i].kind, machine.faults[i].detail);
	return problems;
}
