#include <stdio.h>

#include "common/clock.h"
#include "common/text.h"
#include "tools/audit/audit_log.h"
#include "tools/audit/audit_policy.h"
#include "tools/audit/commands.h"
#include "common/command_line/language.h"

static void print_facts(const struct audit_log *audit)
{
	const struct checkpoint *newest = &audit->verdict.checkpoint;
	char names[1024], time[CLOCK_TEXT_SIZE];

	if (!*newest->origin)
		return;
	(void)printf(_("Log %s: %llu entries of %zu terminals.\n"), newest->origin, (unsigned long long)newest->size,
		audit->state->terminals.count);
	if (audit->verdict.satisfied && audit->policy->quorum >= 0)
		(void)printf(_("Cosigned by %s; by %s there were enough of them.\n"),
			audit_policy_witnesses(audit->policy, &audit->verdict, names, sizeof(names)),
			clock_text(audit->verdict.quorum_s, time));
	if (audit->state->note.len > 0 && audit->before > 0)
		(void)printf(_("Since the last audit (%llu entries): %llu new entries.\n"),
			(unsigned long long)audit->before,
			(unsigned long long)(newest->size > audit->before ? newest->size - audit->before : 0));
	if (audit->from > 0)
		(void)printf(_("Entries before %llu were walked then; that the log still holds them is proven.\n"),
			(unsigned long long)audit->from);
}

static void print_text(const struct audit_log *audit)
{
	char cause[sizeof(audit->unread.text)];

	print_facts(audit);
	findings_print(audit->findings);
	if (audit->unread.code) {
		text_printable(audit->unread.text, cause, sizeof(cause));
		(void)printf(_("The log could not be read to its end, so nothing is known of the rest: try again.\n  "
			       "(for support: "
			       "%s)\n"),
			cause);
	}
	if (audit->unread.code && audit->findings->count == 0)
		return;
	if (audit->findings->count == 0)
		(void)puts(_("All of it holds: every hash, every entry, and no terminal contradicts itself."));
	else
		(void)printf(_("Findings: %zu. This log does not hold.\n"), audit->findings->count);
}

/* Null where it is not known. */
static json_t *holds_json(const struct audit_log *audit)
{
	if (audit->findings->count > 0)
		return json_false();
	return audit->unread.code ? json_null() : json_true();
}

static int print_json(const struct audit_log *audit, struct error *err)
{
	AUTO(json) json_t *object = json_object();
	AUTO(buf) struct buf text = BUF_INIT(1 << 20);
	char time[CLOCK_TEXT_SIZE], cause[sizeof(audit->unread.text)];

	(void)json_object_set_new(object, "holds", holds_json(audit));
	if (audit->unread.code) {
		text_printable(audit->unread.text, cause, sizeof(cause));
		(void)json_object_set_new(object, "error", json_string(error_code_name(audit->unread.code)));
		(void)json_object_set_new(object, "cause", json_string(cause));
	}
	(void)json_object_set_new(object, "origin", json_string(audit->verdict.checkpoint.origin));
	(void)json_object_set_new(object, "size", json_integer((json_int_t)audit->verdict.checkpoint.size));
	(void)json_object_set_new(object, "before", json_integer((json_int_t)audit->before));
	(void)json_object_set_new(object, "from", json_integer((json_int_t)audit->from));
	(void)json_object_set_new(object, "terminals", json_integer((json_int_t)audit->state->terminals.count));
	if (audit->verdict.satisfied && audit->policy->quorum >= 0)
		(void)json_object_set_new(object, "cosigned", json_string(clock_text(audit->verdict.quorum_s, time)));
	(void)json_object_set_new(object, "findings_count", json_integer((json_int_t)audit->findings->count));
	(void)json_object_set(object, "findings", audit->findings->list);
	if (json_write(object, &text, err) < 0)
		return -1;
	(void)puts(buf_text(&text));
	return 0;
}

/* What is kept is what held: an audit with findings leaves the former state. */
static int keep(const struct args *args, const struct audit_log *audit, struct error *err)
{
	const char *path = args_get(args, "keep");

	if (!path || audit->findings->count > 0 || audit->unread.code)
		return 0;
	return audit_state_write(path, audit->state, err);
}

int audit_log_command(const struct args *args, struct error *err)
{
	AUTO(policy) struct policy *policy = NULL;
	AUTO(audit_source) struct audit_source source = {.dir_fd = -1};
	AUTO(audit_state) struct audit_state state = AUDIT_STATE_INIT;
	AUTO(findings) struct findings findings = {0};
	struct audit_log audit = {.source = &source, .state = &state, .findings = &findings};
	const char *policy_file, *since = args_get(args, "since");

	if (args_want_positional(args, 2, 2, "log FOLDER-OR-ADDRESS", err) < 0 ||
		args_want(args, "policy", &policy_file, err) < 0 || !(policy = audit_policy_read(policy_file, err)) ||
		(since && audit_state_read(since, &state, err) < 0) ||
		audit_source_open(&source, args_positional(args, 1), err) < 0)
		return -1;
	audit.policy = policy;
	if (audit_log_walk(&audit, err) < 0)
		return -1;
	if (!args_has(args, "json"))
		print_text(&audit);
	else if (print_json(&audit, err) < 0)
		return -1;
	return keep(args, &audit, err) < 0 ? -1 : findings.count > 0 || audit.unread.code;
}
