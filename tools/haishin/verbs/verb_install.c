/* haishin install PATH: what a repository in a folder has to offer, such as a stick or a share. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/command_line/language.h"
#include "tools/haishin/draw/output.h"
#include "tools/haishin/verbs/verb_job.h"
#include "tools/haishin/verbs/verbs.h"

#define SIGN "/metadata/timestamp.json"

static bool is_repository(const char *folder)
{
	char path[PATH_MAX + sizeof(SIGN)];
	struct stat st;

	(void)snprintf(path, sizeof(path), "%s" SIGN, folder);
	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

/* The folder of the repository that PATH is, or lies in; "" where there is none. Resolved here, with the caller's own
 * rights and place. */
static void find_repository(const char *path, char ret_folder[static PATH_MAX])
{
	char *slash;

	if (!realpath(path, ret_folder))
		*ret_folder = '\0';
	while (*ret_folder && !is_repository(ret_folder)) {
		slash = strrchr(ret_folder, '/');
		*slash = '\0';
	}
}

static void print_result(const json_t *result)
{
	long long staged = output_number(result, "staged"), available = output_number(result, "available");

	if (staged > 0 || available > 0 || output_number(result, "not_its_turn") > 0)
		job_print_result(result);
	else
		output_line(_("There is nothing new in this repository."));
}

static int install_from_folder(const struct cli *cli)
{
	char folder[PATH_MAX], message[PATH_MAX + 256];
	json_t *answer = NULL;
	int status;

	if (access(cli->words[0], R_OK) < 0) {
		(void)snprintf(
			message, sizeof(message), "cannot read '%s': %s", cli->words[0], strerrordesc_np(errno));
		return cli_fail_in_words(cli, ERROR_NOT_FOUND, message, _("This folder cannot be opened."),
			_("Check that the stick or the share is connected, and how its folder is called."));
	}
	find_repository(cli->words[0], folder);
	if (!*folder) {
		(void)snprintf(message, sizeof(message),
			"'%s' is no repository, nor a file of one: there is no metadata/timestamp.json",
			cli->words[0]);
		return cli_fail_in_words(cli, ERROR_NOT_FOUND, message, _("This folder holds no updates."),
			_("Name the folder that holds the folders 'metadata' and 'targets'."));
	}
	status = job_watch(cli, "Install", JSON_OBJECT({json_text("path", folder)}), &answer);
	if (!answer)
		return status;
	if (!cli->json)
		print_result(json_object_get(answer, "result"));
	return cli_done(cli, answer);
}

const struct verb verb_install = {
	.name = "install",
	.words = "PATH",
	.words_least = 1,
	.words_most = 1,
	.meaning = N_("take what is new from a repository in a folder"),
	.run = install_from_folder,
};
