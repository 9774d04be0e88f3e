/* Names of packages, and of the targets that hold their releases. */
#ifndef MANIFESTS_BASE_PACKAGE_H
#define MANIFESTS_BASE_PACKAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/error.h"
#include "manifests/base/version.h"

#define PACKAGE_NAME_SIZE 65
#define PACKAGE_TARGET_SIZE 256

/* `distro-app`, or `reader-app/acme` where several vendors make the same thing (F4): one or two components of
 * lower-case letters, digits and hyphens, each beginning with a letter or digit. ERROR_INPUT says what is wrong. */
WARN_UNUSED int package_check_name(const char *name, struct error *err);

/* The TUF role that the package's path is delegated to: NAME with '-' for '/'. A role's name stands in a file's name,
 * and web servers do not agree on what %2F in an address means. */
void package_role(const char *name, char ret_role[static PACKAGE_NAME_SIZE]);

/* The target paths of a release: "NAME/STEM-VERSION.json" and so on, where STEM is NAME with '-' for '/'. */
void package_release_target(const char *name, const char *version, char ret_path[static PACKAGE_TARGET_SIZE]);
void package_payload_target(const char *name, const char *version, char ret_path[static PACKAGE_TARGET_SIZE]);

/* Deltas of the former format end in ".delta", those that agents before kinds of files cannot read in ".delta3". */
enum package_delta_format { PACKAGE_DELTA_FORMER, PACKAGE_DELTA };
void package_delta_target(const char *name, const char *version, const char *from_version,
	enum package_delta_format format, char ret_path[static PACKAGE_TARGET_SIZE]);

/* The folder of a release on disk: "VERSION-DIGEST8", with the first eight digits of the release target's SHA-256. */
#define PACKAGE_FOLDER_SIZE 64
void package_release_folder(const char *version, const char *digest_hex, char ret_name[static PACKAGE_FOLDER_SIZE]);
/* The folder beside FOLDER for the same release once more: a repaired copy becomes current as an update does, while the damaged
 * one is still there. "5.1.0-0a1b2c3d" and "5.1.0-0a1b2c3d+1" are beside each other. */
void package_folder_beside(const char *folder, char ret_name[static PACKAGE_FOLDER_SIZE]);
/* True if both are folders of one release. */
bool package_folder_is_same_release(const char *folder, const char *other);
/* The digits of the release's digest in a folder's name, PACKAGE_FOLDER_DIGITS of them; NULL for a name that is none of a
 * release. */
#define PACKAGE_FOLDER_DIGITS 8
const char *package_folder_digits(const char *folder);
/* The version that a folder's name begins with; "" for a name that is none of a release, such as "". */
void package_folder_version(const char *folder, char ret_version[static VERSION_TEXT_SIZE]);

#endif
