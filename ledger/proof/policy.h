/* Policies (c2sp.org/tlog-policy): which logs are believed, and which witnesses must have cosigned what they say. */
#ifndef LEDGER_PROOF_POLICY_H
#define LEDGER_PROOF_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/auto.h"
#include "common/error.h"
#include "ledger/note/span.h"
#include "ledger/note/vkey.h"

/* The target that brings it to terminals, signed by the operator's role. */
#define POLICY_TARGET "ledger.policy"
#define POLICY_MAX_BYTES 65536
#define POLICY_MAX_LOGS 32
#define POLICY_MAX_WITNESSES 32
#define POLICY_MAX_GROUPS 32
#define POLICY_MAX_MEMBERS (POLICY_MAX_WITNESSES + POLICY_MAX_GROUPS)
#define POLICY_URL_SIZE 512

struct policy_log {
	struct vkey key; /* its name is the log's origin */
	char url[POLICY_URL_SIZE];
};

/* A witness, or a group of members that stand before it. */
struct policy_member {
	char name[VKEY_NAME_SIZE]; /* means nothing outside of the policy */
	bool is_group;
	bool placed; /* a group has it already */

	/* A witness. */
	struct vkey key;
	char url[POLICY_URL_SIZE];

	/* A group: satisfied by THRESHOLD of the members whose bits are set. */
	unsigned threshold;
	uint64_t members;
};

struct policy {
	size_t log_count, member_count, witness_count, group_count;
	struct policy_log logs[POLICY_MAX_LOGS];
	struct policy_member members[POLICY_MAX_MEMBERS]; /* in the order of the file */
	bool has_quorum;
	int quorum; /* number of the member; -1: no witness is asked for */
};

/* ERROR_INPUT names the line and what is wrong there. NULL on failure. */
struct policy *policy_parse(struct span text, struct error *err);

/* True if the members whose bits are set (witnesses) make up the quorum. */
bool policy_is_satisfied(const struct policy *policy, uint64_t witnesses);

void policy_free(struct policy *policy);
DEFINE_AUTO_PTR(policy, struct policy, policy_free);

#endif
