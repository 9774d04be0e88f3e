/* The ledger's policy comes with the operator's metadata, and goes with them. */
#include "agent/proof/receipt.h"
#include "agent/server/kept_policy.h"
#include "tests/agent/agent_fixture.h"
#include "tests/support/test.h"
#include "tests/support/tuf_site.h"

#define POLICY "log PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW\nquorum none\n"

/* What is kept after a refresh; NULL for nothing. On the heap. */
static char *refresh(struct agent_fixture *fixture, struct tuf_site *site, int expected, struct error *err)
{
	struct tuf_client_options options = tuf_site_options(site);
	AUTO(tuf_client) struct tuf_client *client = NULL;
	AUTO(buf) struct buf path = BUF_INIT(1024), text = BUF_INIT(65536);
	struct error ignored;
	char *kept = NULL;

	assert_ok(tuf_client_open(&site->env, &options, &client, &ignored), &ignored);
	assert_ok(tuf_client_refresh(client, &ignored), &ignored);
	assert_int_equal(kept_policy_refresh(&fixture->terminal, client, TUF_TARGETS_URL, err), expected);
	assert_ok(buf_printf(&path, &ignored, "%s/" RECEIPT_POLICY_FILE, fixture->config.environment_path), &ignored);

	if (fs_read_file(&fixture->fs, -1, buf_text(&path), &text, NULL) == 0)
		assert_non_null(kept = strdup(buf_text(&text)));
	return kept;
}

static void publish(struct tuf_site *site, const char *text)
{
	tuf_repository_add_target(&site->repository, "operator", "ledger.policy", text);
	tuf_repository_bump(&site->repository, "operator");
	tuf_repository_bump_targets(&site->repository);
}

TEST_CASE(test_keeps_the_policy_that_the_operator_signed_and_drops_it_with_it)
{
	struct agent_fixture *fixture = *state;
	AUTO(free) char *before = NULL, *kept = NULL, *after = NULL;
	struct tuf_site site;
	struct error err = {0};

	tuf_site_init(&site);
	tuf_repository_delegate(&site.repository, "targets", "operator", "ledger.policy", true);
	tuf_repository_bump(&site.repository, "operator");
	tuf_repository_bump_targets(&site.repository);
	assert_null(before = refresh(fixture, &site, 0, &err));
	publish(&site, POLICY);
	assert_non_null(kept = refresh(fixture, &site, 0, &err));
	assert_string_equal(kept, POLICY);
	(void)json_object_clear(tuf_repository_member(&site.repository, "operator", "targets"));
	tuf_repository_bump(&site.repository, "operator");
	tuf_repository_bump_targets(&site.repository);
	assert_null(after = refresh(fixture, &site, 0, &err));
	tuf_site_clear(&site);
}

TEST_CASE(test_keeps_the_former_policy_where_the_new_one_is_none)
{
	struct agent_fixture *fixture = *state;
	AUTO(free) char *first = NULL, *second = NULL;
	struct tuf_site site;
	struct error err = {0};

	tuf_site_init(&site);
	tuf_repository_delegate(&site.repository, "targets", "operator", "ledger.policy", true);
	publish(&site, POLICY);
	assert_non_null(first = refresh(fixture, &site, 0, &err));
	publish(&site, "quorum nobody\n");
	assert_non_null(second = refresh(fixture, &site, -1, &err));
	assert_error(&err, ERROR_INPUT, "the ledger's policy: line 1");
	assert_string_equal(second, POLICY);
	tuf_site_clear(&site);
}

TESTS(agent_fixture_setup, agent_fixture_teardown)
