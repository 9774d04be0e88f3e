/* Disk, plan, journal and store of one terminal, each set by hand to what a test wants to begin with. */
#ifndef TESTS_AGENT_BOOT_FIXTURE_H
#define TESTS_AGENT_BOOT_FIXTURE_H

#include "agent/restart/boot.h"
#include "agent/store/delivery.h"
#include "rollback/journal.h"
#include "rollback/plan.h"
#include "rollback/versions.h"
#include "tests/agent/store_fixture.h"

#define FACE "face-library"
#define READER "reader-app/acme"

struct boot_fixture {
	struct store_fixture base;
	struct env env;
	int boot_dir_fd;
	int packages_dir_fd;
	struct boot_options options;
};

/* A release as the fixture knows it. */
struct fixture_release {
	char version[VERSION_TEXT_SIZE];
	char digest[SHA256_HEX_SIZE];
	char folder[PACKAGE_FOLDER_SIZE];
};

void boot_fixture_init(struct boot_fixture *fixture);
void boot_fixture_clear(struct boot_fixture *fixture);
int boot_fixture_setup(void **state);
int boot_fixture_teardown(void **state);

/* What a release of this version is called; boot_fixture_put_release also puts it on disk. */
struct fixture_release boot_fixture_release_of(const char *version);
struct fixture_release boot_fixture_put_release(
	struct boot_fixture *fixture, const char *package, const char *version);
void boot_fixture_make_current(struct boot_fixture *fixture, const char *package, const char *folder);

void boot_fixture_plan(struct boot_fixture *fixture, const char *package, enum plan_state state, const char *folder,
	const char *former);
/* The package's entry; its package is "" where there is none. */
struct plan_entry boot_fixture_planned(struct boot_fixture *fixture, const char *package);
void boot_fixture_tell(struct boot_fixture *fixture, enum journal_event event, const char *package,
	const char *folder, const char *former, const char *reason);

/* A delivery of the release that has come to STATE. */
struct delivery boot_fixture_deliver(struct boot_fixture *fixture, const char *package,
	const struct fixture_release *release, enum delivery_state state);
enum delivery_state boot_fixture_state(struct boot_fixture *fixture, const char *package, const char *folder);

struct boot_result boot_fixture_reconcile(struct boot_fixture *fixture);
int64_t boot_fixture_rows(struct boot_fixture *fixture);
/* Disk, plan and store agree about every package; the history is sound. */
void boot_fixture_assert_agrees(struct boot_fixture *fixture);

#endif
