#include "collector/ledger/ledger_policy.h"

#include <fcntl.h>
#include <string.h>

#include "common/access/trusted_file.h"
#include "common/fs.h"

static int blame(const struct config *config, struct error *err)
{
	return error_context(err, "[ledger] policy '%s'", config->ledger_policy);
}

int ledger_policy_read(const struct config *config, struct policy **ret_policy, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(POLICY_MAX_BYTES);
	struct policy *policy;
	struct fs fs;

	fs_init(&fs);
	if (!*config->ledger_policy)
		return 0;
	if (trusted_file_read(&fs, AT_FDCWD, config->ledger_policy, &text, err) < 0 ||
		!(policy = policy_parse((struct span){buf_text(&text), text.len}, err)))
		return blame(config, err);
	*ret_policy = policy;
	return 0;
}

int ledger_policy_check(
	const struct config *config, const struct policy *policy, const struct vkey *key, struct error *err)
{
	for (size_t i = 0; i < policy->log_count; i++)
		if (strcmp(policy->logs[i].key.name, key->name) == 0 &&
			memcmp(policy->logs[i].key.public_key, key->public_key, VKEY_PUBLIC_BYTES) == 0)
			return 0;
	(void)error_set(err, ERROR_INPUT, "it does not name the log '%s' with the key of [ledger] key", key->name);
	return blame(config, err);
}
