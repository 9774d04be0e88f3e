#include "tools/audit/audit_policy.h"

#include <fcntl.h>
#include <stdio.h>

#include "common/fs.h"

struct policy *audit_policy_read(const char *path, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(POLICY_MAX_BYTES);
	struct policy *policy;
	struct fs fs;

	fs_init(&fs);
	if (fs_read_given(&fs, path, &text, err) < 0)
		return NULL;
	if (!(policy = policy_parse((struct span){buf_text(&text), text.len}, err)))
		(void)error_context(err, "policy '%s'", path);
	return policy;
}

const char *audit_policy_witnesses(
	const struct policy *policy, const struct policy_verdict *verdict, char *ret_names, size_t size)
{
	size_t len = 0;

	*ret_names = '\0';
	for (size_t i = 0; i < policy->member_count && len < size; i++)
		if (verdict->witnesses >> i & 1)
			len += (size_t)snprintf(
				ret_names + len, size - len, "%s%s", len ? ", " : "", policy->members[i].name);
	return ret_names;
}
