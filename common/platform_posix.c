#include "common/platform.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <utmpx.h>

#include "common/auto.h"
#include "common/text.h"

int platform_boot_id(const char *file, char *ret_id, size_t size, struct error *err)
{
	AUTO(fd) int fd = -1;
	char id[128];
	ssize_t len;

	if ((fd = open(file, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)) < 0)
		return error_system(err, errno, "cannot open boot identity '%s'", file);
	if ((len = read(fd, id, sizeof(id))) < 0)
		return error_system(err, errno, "cannot read boot identity '%s'", file);
	while (len > 0 && isspace((unsigned char)id[len - 1]))
		len--;
	if (len == 0 || (size_t)len >= size)
		return error_set(
			err, ERROR_INPUT, "'%s' does not hold a boot identity of 1 to %zu bytes", file, size - 1);
	memcpy(ret_id, id, (size_t)len);
	ret_id[len] = '\0';
	return 0;
}

int platform_peer(int socket_fd, struct platform_peer *ret_peer, struct error *err)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);

	if (getsockopt(socket_fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) < 0)
		return error_system(err, errno, "cannot tell who is calling");
	*ret_peer = (struct platform_peer){.uid = cred.uid, .gid = cred.gid, .pid = cred.pid};
	return 0;
}

static bool user_is_member(const struct passwd *user, gid_t gid, const char *group_name)
{
	const struct group *group = getgrnam(group_name);

	if (!group)
		return false;
	if (group->gr_gid == gid || (user && group->gr_gid == user->pw_gid))
		return true;
	for (char **member = group->gr_mem; user && *member; member++)
		if (strcmp(*member, user->pw_name) == 0)
			return true;
	return false;
}

bool platform_user_is_allowed(uid_t uid, gid_t gid, const char *users, const char *group)
{
	const struct passwd *user;

	if (uid == 0 || uid == geteuid())
		return true;
	user = getpwuid(uid);
	for (const char *name = users; user && name && *name;) {
		size_t len = strcspn(name, " ");

		if (len && strlen(user->pw_name) == len && strncmp(name, user->pw_name, len) == 0)
			return true;
		name += len + strspn(name + len, " ");
	}
	return group && *group && user_is_member(user, gid, group);
}

void platform_user_name(uid_t uid, char *ret_name, size_t size)
{
	const struct passwd *user = getpwuid(uid);

	if (user)
		(void)snprintf(ret_name, size, "%s", user->pw_name);
	else
		(void)snprintf(ret_name, size, "uid %u", (unsigned)uid);
}

bool platform_user_exists(const char *user)
{
	return getpwnam(user) != NULL;
}

int platform_user_ids(const char *user, uid_t *ret_uid, gid_t *ret_gid, struct error *err)
{
	const struct passwd *entry;

	*ret_uid = geteuid();
	*ret_gid = getegid();
	if (!user || *ret_uid != 0)
		return 0;
	if (!(entry = getpwnam(user)))
		return error_set(err, ERROR_NOT_FOUND, "there is no user '%s' on this machine", user);
	*ret_uid = entry->pw_uid;
	*ret_gid = entry->pw_gid;
	return 0;
}

int platform_drop_privileges(const char *user, struct error *err)
{
	uid_t uid;
	gid_t gid;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return error_system(err, errno, "cannot give up new privileges");
	if (geteuid() != 0)
		return 0;
	if (platform_user_ids(user, &uid, &gid, err) < 0)
		return -1;
	if (setgroups(0, NULL) < 0 || setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0)
		return error_system(err, errno, "cannot become user '%s'", user);
	return 0;
}

void platform_notify(const char *state)
{
	AUTO(fd) int fd = -1;
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t len = path ? strlen(path) : 0;

	if (len < 2 || len >= sizeof(address.sun_path) || (*path != '/' && *path != '@') ||
		(fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) < 0)
		return;
	memcpy(address.sun_path, path, len);
	if (*path == '@')
		address.sun_path[0] = '\0'; /* the abstract namespace */
	(void)sendto(fd, state, strlen(state), MSG_NOSIGNAL | MSG_DONTWAIT, (const struct sockaddr *)&address,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + len));
}

int platform_watchdog_ms(void)
{
	const char *limit_us = getenv("WATCHDOG_USEC");
	const char *pid = getenv("WATCHDOG_PID");
	long long half_ms = limit_us ? atoll(limit_us) / 2000 : 0;

	if (half_ms < 1 || half_ms > INT_MAX || (pid && atoll(pid) != getpid()))
		return -1;
	return (int)half_ms;
}

const char *platform_forbidden_path_character(const char *path, size_t *ret_len)
{
	for (; *path; path++)
		if (!isalnum((unsigned char)*path) && !strchr("._-/", *path)) {
			*ret_len = text_character_length(path);
			return path;
		}
	return NULL;
}

static bool name_is_reserved(const char *name)
{
	static const char *const reserved[] = {"CON", "PRN", "AUX", "NUL", "COM1", "COM2", "COM3", "COM4", "COM5",
		"COM6", "COM7", "COM8", "COM9", "LPT1", "LPT2", "LPT3", "LPT4", "LPT5", "LPT6", "LPT7", "LPT8",
		"LPT9"};
	size_t len = strcspn(name, ".");

	for (size_t i = 0; i < ARRAY_SIZE(reserved); i++)
		if (strlen(reserved[i]) == len && strncasecmp(name, reserved[i], len) == 0)
			return true;
	return false;
}

const char *platform_unportable_name(const char *name)
{
	size_t len = strlen(name);

	if (len == 0 || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return "it is empty, '.' or '..'";
	if (len > 255)
		return "it is longer than 255 bytes";
	if (!text_is_utf8(name, len))
		return "it is not UTF-8";
	for (const char *c = name; *c; c++) {
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			return "it holds a control character";
		if (strchr("<>:\"/\\|?*", *c))
			return "it holds one of < > : \" / \\ | ? *";
	}
	if (name[len - 1] == '.' || name[len - 1] == ' ')
		return "it ends in a dot or a blank";
	if (name_is_reserved(name))
		return "Windows reserves this name";
	return NULL;
}

bool platform_is_in_use(const char *logins_file)
{
	const struct utmpx *entry;
	bool found = false;

	if (utmpxname(logins_file) < 0)
		return false;
	setutxent();
	while (!found && (entry = getutxent()))
		found = entry->ut_type == USER_PROCESS;
	endutxent();
	return found;
}
