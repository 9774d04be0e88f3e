#include "agent/server/kept_policy.h"

#include <fcntl.h>
#include <string.h>

#include "agent/proof/receipt.h"
#include "ledger/proof/policy.h"

/* Written only where it changed: a refresh is not a change. */
static int keep(struct terminal *terminal, int dir_fd, const struct buf *text, struct error *err)
{
	AUTO(buf) struct buf kept = BUF_INIT(POLICY_MAX_BYTES);
	struct fs *fs = terminal->env->fs;

	if (fs_read_file(fs, dir_fd, RECEIPT_POLICY_FILE, &kept, NULL) == 0 && kept.len == text->len &&
		memcmp(buf_text(&kept), buf_text(text), kept.len) == 0)
		return 0;
	return fs_write_file(fs, dir_fd, RECEIPT_POLICY_FILE, buf_text(text), text->len, 0644, err);
}

int kept_policy_refresh(
	struct terminal *terminal, struct tuf_client *trust, const char *targets_url, struct error *err)
{
	AUTO(fd) int dir_fd = fs_open_dir(terminal->env->fs, AT_FDCWD, terminal->config->environment_path, err);
	AUTO(buf) struct buf text = BUF_INIT(POLICY_MAX_BYTES);
	AUTO(policy) struct policy *policy = NULL;
	AUTO(tuf_target) struct tuf_target target = {0};
	struct error why;

	if (dir_fd < 0)
		return -1;
	if (tuf_client_find(trust, POLICY_TARGET, &target, &why) < 0) {
		if (why.code == ERROR_NOT_FOUND)
			return fs_remove(terminal->env->fs, dir_fd, RECEIPT_POLICY_FILE, err);
		return error_set(err, why.code, "the ledger's policy: %s", why.text);
	}
	if (tuf_client_fetch(trust, targets_url, &target, &text, err) < 0 ||
		!(policy = policy_parse((struct span){buf_text(&text), text.len}, err)) ||
		keep(terminal, dir_fd, &text, err) < 0)
		return error_context(err, "the ledger's policy");
	return 0;
}
