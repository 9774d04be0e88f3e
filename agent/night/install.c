#include "agent/night/install.h"

#include <ctype.h>
#include <limits.h>
#include <string.h>

#include "common/text.h"

#define SCHEME "file://"
#define URL_MAX_BYTES (3 * PATH_MAX + sizeof(SCHEME))

int install_check_path(const char *path, struct error *err)
{
	if (*path != '/' || strlen(path) >= PATH_MAX || !text_is_utf8(path, strlen(path)))
		return error_set(err, ERROR_USAGE, "the folder of the repository is to be given as an absolute path");
	for (const char *c = path; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			return error_set(err, ERROR_USAGE, "the path of the repository holds a control character");
	return 0;
}

/* The folder as a URL: what a URL cannot hold as %XX, no slash at the end. */
static int print_url(const char *path, struct buf *ret_url, struct error *err)
{
	size_t len = strlen(path);

	while (len > 1 && path[len - 1] == '/')
		len--;
	if (buf_printf(ret_url, err, SCHEME) < 0)
		return -1;
	for (const char *c = path; c < path + len; c++) {
		bool is_plain = isalnum((unsigned char)*c) || strchr("/._-", *c);

		if (buf_printf(ret_url, err, is_plain ? "%c" : "%%%02X", (unsigned char)*c) < 0)
			return -1;
	}
	return 0;
}

int install_run(struct terminal *terminal, const char *path, const struct night_options *options,
	struct job_lines *lines, struct job_result *ret_result, struct error *err)
{
	AUTO(buf) struct buf url = BUF_INIT(URL_MAX_BYTES);
	struct config config = *terminal->config; /* borrows all but the servers */
	struct terminal with_folder = *terminal;
	struct night_options by_hand = *options;
	char *only;

	if (install_check_path(path, err) < 0 || print_url(path, &url, err) < 0)
		return -1;
	only = url.data;
	config.server_urls = (struct config_list){.items = &only, .count = 1};
	with_folder.config = &config;
	by_hand.any_hour = by_hand.by_hand = true;
	return night_run(&with_folder, &by_hand, lines, ret_result, err);
}
