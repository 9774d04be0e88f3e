/* What differs between operating systems. platform_posix.c and platform_linux.c are the one implementation today;
 * another joins here without a change elsewhere. */
#ifndef COMMON_PLATFORM_H
#define COMMON_PLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <time.h>

#include "common/error.h"

_Static_assert(sizeof(time_t) == 8, "nights lie beyond 2038");
_Static_assert(sizeof(off_t) == 8, "releases are larger than 2 GiB; build with -D_FILE_OFFSET_BITS=64");

/* What stops, starts and asks for services: PLATFORM_SERVICE_CONTROL VERB -- UNIT. */
#define PLATFORM_SERVICE_CONTROL "/usr/bin/systemctl"

/* The identity of this start of the machine, read from FILE. */
WARN_UNUSED int platform_boot_id(const char *file, char *ret_id, size_t size, struct error *err);

/* Who is at the other end of a local socket. */
struct platform_peer {
	uid_t uid;
	gid_t gid;
	pid_t pid;
};
WARN_UNUSED int platform_peer(int socket_fd, struct platform_peer *ret_peer, struct error *err);
/* PEER's process, as a descriptor that is readable once it has ended: the very one that connected where the kernel can tell (Linux
 * 6.5), else whichever has its number now. ERROR_FAILED where it has ended. */
WARN_UNUSED int platform_open_peer(int socket_fd, const struct platform_peer *peer, struct error *err);

/* True if the user may change things: root, one of USERS, or a member of GROUP. Either may be NULL. USERS are names
 * with blanks between them. */
bool platform_user_is_allowed(uid_t uid, gid_t gid, const char *users, const char *group);

/* The account name of a user; "uid NUMBER" where there is none. */
void platform_user_name(uid_t uid, char *ret_name, size_t size);

/* True if this machine knows the user. */
bool platform_user_exists(const char *user);

/* Whom platform_drop_privileges(USER) becomes; ourselves where this process is not root or USER is NULL.
 * ERROR_NOT_FOUND where there is no such user. */
WARN_UNUSED int platform_user_ids(const char *user, uid_t *ret_uid, gid_t *ret_gid, struct error *err);

/* Gives up root for good: user and supplementary groups of NAME, no way to new privileges. Does nothing but the
 * latter where this process is not root. ERROR_NOT_FOUND where there is no such user. */
WARN_UNUSED int platform_drop_privileges(const char *user, struct error *err);

/* Opens PATH below DIR_FD: no "..", no absolute path and no symlink leads anywhere else. FLAGS must not
 * create. ERROR_NOT_FOUND; ERROR_DAMAGED where something on the way is a link or leads out. */
WARN_UNUSED int platform_open_below(int dir_fd, const char *path, int flags, struct error *err);

/* From now on this thread, and it alone, can open and change files below DIR_FD only, where the kernel can enforce
 * that (Landlock); elsewhere nothing happens. What is open already stays so. */
WARN_UNUSED int platform_confine_thread(int dir_fd, struct error *err);

/* From now on this thread, and those that it starts, get the disk only while nobody else wants it, where the kernel knows such a
 * class; elsewhere nothing happens. */
void platform_rest_from_disk(void);

/* Gives back memory that a process which is going to wait does not need: what was freed, and program text, which is read
 * again when it is run again. */
void platform_rest(void);

/* Tells the service manager STATE ("READY=1", "WATCHDOG=1"), where one is listening; elsewhere nothing happens. */
void platform_notify(const char *state);

/* How often the service manager wants to hear "WATCHDOG=1": half of its time limit; -1 where it does not want to. */
int platform_watchdog_ms(void);

enum platform_service {
	PLATFORM_SERVICE_ENABLED,  /* it starts with the machine */
	PLATFORM_SERVICE_DISABLED, /* it does not */
	PLATFORM_SERVICE_UNKNOWN,  /* there is no service manager, or it knows no such service */
};
/* If the service manager starts the service NAME with the machine. */
struct processes;
enum platform_service platform_service(struct processes *processes, const char *name);

enum platform_link {
	PLATFORM_LINK_UP,      /* something is plugged in and answers on the wire, or by radio */
	PLATFORM_LINK_DOWN,    /* no cable, no wireless network */
	PLATFORM_LINK_UNKNOWN, /* this system does not say */
};
/* If any network interface has a link, the machine's own loop not counted, as FOLDER tells. */
#define PLATFORM_LINK_FOLDER "/sys/class/net"
struct fs;
enum platform_link platform_link(struct fs *fs, const char *folder);

/* Restarts the machine by its service manager. ERROR_FAILED where that refuses. */
WARN_UNUSED int platform_restart(struct processes *processes, struct error *err);

/* Powers it off, or puts it to sleep, unless a program holds that up. ERROR_FAILED where the service manager refuses. */
WARN_UNUSED int platform_power_down(struct processes *processes, bool to_sleep, struct error *err);

/* True while somebody is logged in, as LOGINS_FILE says. */
#define PLATFORM_LOGINS_FILE "/run/utmp"
bool platform_is_in_use(const char *logins_file);
/* Where the service manager notes who is signed in, a file a session. */
#define PLATFORM_SESSIONS_FOLDER "/run/systemd/sessions"
/* Where it notes who holds a shutdown up, a file a program (systemd-inhibit). */
#define PLATFORM_INHIBITORS_FOLDER "/run/systemd/inhibit"

/* The first character of a configured path that F14 forbids, or NULL if there is none: everything outside letters,
 * digits and ". _ - /". RET_LEN is its length in bytes. */
const char *platform_forbidden_path_character(const char *path, size_t *ret_len);

/* NULL if every terminal, those under Windows too, can hold a file of this name; else the reason in a few words:
 * reserved names, characters, trailing dots or blanks, control characters. NAME is one path component. */
const char *platform_unportable_name(const char *name);

#endif
