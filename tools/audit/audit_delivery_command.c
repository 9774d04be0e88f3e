#include <fcntl.h>
#include <stdio.h>

#include "common/clock.h"
#include "common/fs.h"
#include "tools/audit/audit_delivery.h"
#include "tools/audit/audit_policy.h"
#include "tools/audit/commands.h"
#include "common/command_line/language.h"

#define TRUST_MAX_BYTES (1u << 20)

static int read_file(const char *path, struct buf *ret_bytes, struct error *err)
{
	struct fs fs;

	fs_init(&fs);
	return fs_read_given(&fs, path, ret_bytes, err);
}

static void print_delivery(const struct audit_delivery *delivery, const struct policy *policy)
{
	char confirmed[CLOCK_TEXT_SIZE], logged[CLOCK_TEXT_SIZE], names[1024];

	(void)printf(_("A terminal of institution %s ran %s %s from %s on, confirmed by its health check.\n"),
		*delivery->institution ? delivery->institution : "?", delivery->package, delivery->version,
		clock_text(delivery->confirmed_s, confirmed));
	(void)printf(_("Release: %.16s, signed by the role %s. Terminal: %.16s.\n"), delivery->digest, delivery->role,
		delivery->terminal);
	if (policy->quorum >= 0)
		(void)printf(_("Logged as entry %llu of %s before %s (witnesses: %s).\n"),
			(unsigned long long)delivery->entry, delivery->verdict.checkpoint.origin,
			clock_text(delivery->verdict.quorum_s, logged),
			audit_policy_witnesses(policy, &delivery->verdict, names, sizeof(names)));
	else
		(void)printf(_("Logged as entry %llu of %s; the policy asks for no witness.\n"),
			(unsigned long long)delivery->entry, delivery->verdict.checkpoint.origin);
}

static void print_text(
	const struct audit_delivery *delivery, const struct policy *policy, const struct findings *findings)
{
	if (findings->count == 0) {
		print_delivery(delivery, policy);
		return;
	}
	(void)printf(_("The delivery of %s %s is not proven by this certificate.\n"), delivery->package,
		delivery->version);
	findings_print(findings);
}

static int print_json(const struct audit_delivery *delivery, const struct policy *policy,
	const struct findings *findings, struct error *err)
{
	AUTO(json) json_t *object = json_object();
	AUTO(buf) struct buf text = BUF_INIT(1 << 20);
	char time[CLOCK_TEXT_SIZE];

	(void)json_object_set_new(object, "holds", json_boolean(findings->count == 0));
	(void)json_object_set_new(object, "package", json_string(delivery->package));
	(void)json_object_set_new(object, "version", json_string(delivery->version));
	(void)json_object_set(object, "findings", findings->list);
	if (findings->count == 0) {
		(void)json_object_set_new(object, "institution", json_string(delivery->institution));
		(void)json_object_set_new(object, "terminal", json_string(delivery->terminal));
		(void)json_object_set_new(object, "digest", json_string(delivery->digest));
		(void)json_object_set_new(object, "role", json_string(delivery->role));
		(void)json_object_set_new(object, "confirmed", json_string(clock_text(delivery->confirmed_s, time)));
		(void)json_object_set_new(object, "entry", json_integer((json_int_t)delivery->entry));
		(void)json_object_set_new(object, "origin", json_string(delivery->verdict.checkpoint.origin));
		if (policy->quorum >= 0)
			(void)json_object_set_new(
				object, "logged_before", json_string(clock_text(delivery->verdict.quorum_s, time)));
	}
	if (json_write(object, &text, err) < 0)
		return -1;
	(void)puts(buf_text(&text));
	return 0;
}

int audit_delivery_command(const struct args *args, struct error *err)
{
	AUTO(buf) struct buf file = BUF_INIT(DELIVERY_CERTIFICATE_MAX_BYTES);
	AUTO(buf) struct buf root = BUF_INIT(TRUST_MAX_BYTES), ca = BUF_INIT(TRUST_MAX_BYTES);
	AUTO(findings) struct findings findings = {0};
	AUTO(policy) struct policy *policy = NULL;
	const char *policy_file, *root_file, *ca_file;
	struct audit_delivery delivery;

	if (args_want_positional(args, 2, 2, "delivery FILE", err) < 0 ||
		args_want(args, "policy", &policy_file, err) < 0 || args_want(args, "root", &root_file, err) < 0 ||
		args_want(args, "ca", &ca_file, err) < 0 || !(policy = audit_policy_read(policy_file, err)) ||
		read_file(root_file, &root, err) < 0 || read_file(ca_file, &ca, err) < 0 ||
		read_file(args_positional(args, 1), &file, err) < 0)
		return -1;
	struct audit_trust trust = {.policy = policy, .root = &root, .ca = &ca};
	if (audit_delivery_check((struct span){buf_text(&file), file.len}, &trust, &delivery, &findings, err) < 0)
		return -1;
	if (!args_has(args, "json"))
		print_text(&delivery, policy, &findings);
	else if (print_json(&delivery, policy, &findings, err) < 0)
		return -1;
	return findings.count > 0;
}
