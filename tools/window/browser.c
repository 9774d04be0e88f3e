#include "tools/window/browser.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/auto.h"
#include "common/fs.h"

#define FILE_NAME "open.html"

extern char **environ;

/* In this order; the first that is there. */
static const struct {
	const char *program;
	const char *option; /* in front of the address */
} browsers[] = {
	{"chromium", "--app="},
	{"chromium-browser", "--app="},
	{"google-chrome", "--app="},
	{"microsoft-edge", "--app="},
	{"firefox-esr", ""},
	{"firefox", ""},
	{"xdg-open", ""},
};

static int write_file(struct browser *browser, const char *address, struct error *err)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	char page[512], name[FS_OWN_DIR_SIZE];
	AUTO(fd) int runtime_fd = -1;
	AUTO(fd) int folder_fd = -1;
	struct fs fs;

	fs_init(&fs);
	if (!runtime || *runtime != '/')
		runtime = "/tmp";
	if ((runtime_fd = fs_open_dir(&fs, AT_FDCWD, runtime, err)) < 0 ||
		(folder_fd = fs_make_own_dir(&fs, runtime_fd, "haishin-window", name, err)) < 0)
		return -1;
	(void)snprintf(browser->folder, sizeof(browser->folder), "%s/%s", runtime, name);
	(void)snprintf(page, sizeof(page),
		"<!DOCTYPE html><meta charset=\"utf-8\"><meta name=\"referrer\" "
		"content=\"no-referrer\"><title>haishin</title>"
		"<meta http-equiv=\"refresh\" content=\"0;url=%s\">",
		address);
	return fs_write_file(&fs, folder_fd, FILE_NAME, page, strlen(page), 0600, err);
}

/* 0: started; -1: there is no such program. */
static int start(const char *program, const char *option, const char *folder)
{
	char argument[PATH_MAX + 64];
	const char *const argv[] = {program, argument, NULL};
	posix_spawnattr_t attributes;
	sigset_t signals;
	pid_t pid;
	int sys;

	(void)snprintf(argument, sizeof(argument), "%sfile://%s/" FILE_NAME, option, folder);
	(void)posix_spawnattr_init(&attributes);
	(void)sigemptyset(&signals);
	(void)sigaddset(&signals, SIGCHLD);
	(void)sigaddset(&signals, SIGPIPE);
	(void)posix_spawnattr_setsigdefault(&attributes, &signals);
	(void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF);
	sys = posix_spawnp(&pid, program, NULL, &attributes, (char *const *)argv, environ);
	(void)posix_spawnattr_destroy(&attributes);
	return sys ? -1 : 0;
}

int browser_open(struct browser *browser, const char *address, struct error *err)
{
	*browser = (struct browser){0};
	if (write_file(browser, address, err) < 0)
		return error_context(err, "the address of the window");
	for (size_t i = 0; i < ARRAY_SIZE(browsers); i++)
		if (start(browsers[i].program, browsers[i].option, browser->folder) == 0)
			return 0;
	return error_set(
		err, ERROR_NOT_FOUND, "there is no browser on this machine: none of chromium, firefox, xdg-open");
}

void browser_close(struct browser *browser)
{
	struct error none = {0};
	struct fs fs;

	if (!*browser->folder)
		return;
	fs_init(&fs);
	(void)!fs_remove_tree(&fs, AT_FDCWD, browser->folder, &none);
	*browser->folder = '\0';
}
