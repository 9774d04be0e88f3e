#include <stdio.h>

#include "agent/control/method.h"
#include "agent/night/install.h"
#include "agent/resident/resident_job.h"
#include "agent/store/history.h"

/* Where it came from is not recorded: a path may name a person. */
static int note_wish(struct resident *resident, const struct varlink_call *call, struct error *err)
{
	struct history_entry entry = {.operation = "install", .outcome = "begun"};
	char who[METHOD_WHO_SIZE], detail[STORE_TEXT_SIZE];

	method_who(call, who);
	(void)snprintf(detail, sizeof(detail), "from a folder, asked for by %s", who);
	entry.detail = detail;
	return history_add(resident->terminal->store, &entry, err);
}

/* Works while delivery is disabled, and at any hour: that is what it is for. */
static int install(struct resident *resident, struct varlink_call *call, struct error *err)
{
	const char *path = method_text(call, "path");
	bool waits;

	if (install_check_path(path, err) < 0)
		return -1;
	if (method_end_delivery(resident, call, &waits, err) < 0)
		return -1;
	if (waits)
		return 0;
	if (note_wish(resident, call, err) < 0 || resident_job_start_install(resident, path, err) < 0)
		return -1;
	varlink_follow(call);
	return 0;
}

const struct method method_install = {
	.name = "Install",
	.change = CHANGE_INSTALL,
	.parameters = {{"path", JSON_STRING, true}},
	.meaning = "The same from a repository in a folder that everybody may read, such as a stick; while disabled "
		   "too.",
	.result = "progress: ?Progress, result: ?Result",
	.answer = install,
};
