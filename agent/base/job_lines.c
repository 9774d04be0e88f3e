#include "agent/base/job_lines.h"

#include <unistd.h>

#include "common/json.h"
#include "updater/inspect/inspect.h"

static void send_line(const struct job_lines *lines, json_t *line)
{
	AUTO(buf) struct buf text = BUF_INIT(JOB_LINE_MAX_BYTES - 1);

	if (lines->fd >= 0 && line && json_write(line, &text, NULL) == 0 && buf_append(&text, "\n", 1, NULL) == 0)
		(void)!write(
			lines->fd, text.data, text.len); /* a pipe takes a line this short whole or not at all */
}

static void set_text(json_t *object, const char *key, const char *text)
{
	if (text)
		(void)json_object_set_new(object, key, json_string(text));
}

static void set_number(json_t *object, const char *key, uint64_t number)
{
	(void)json_object_set_new(object, key, json_integer((json_int_t)number));
}

void job_lines_progress(struct job_lines *lines, const char *state, const struct job_progress *progress)
{
	static const struct job_progress nothing = {.left_s = -1};
	AUTO(json) json_t *line = json_object();

	set_text(line, "state", state);
	set_text(line, "package", lines->package);
	set_text(line, "version", lines->version);
	set_number(line, "number", (uint64_t)lines->number);
	set_number(line, "of", (uint64_t)lines->packages);
	if (!progress)
		progress = &nothing;
	set_number(line, "bytes", progress->bytes);
	set_number(line, "total", progress->total);
	set_number(line, "saved", progress->saved);
	set_number(line, "saved_by_delta", progress->saved_by_delta);
	set_number(line, "saved_by_resume", progress->saved_by_resume);
	set_number(line, "rate", progress->rate);
	if (progress->left_s >= 0)
		set_number(line, "left_s", (uint64_t)progress->left_s);
	send_line(lines, line);
}

void job_lines_hop(void *lines, const struct doctor_hop *hop)
{
	AUTO(json) json_t *line = json_object();

	set_text(line, "state", "hop");
	set_text(line, "hop", doctor_hop_kind_name(hop->at));
	set_text(line, "outcome", doctor_outcome_name(hop->outcome));
	set_text(line, "finding", hop->finding ? doctor_finding_name(hop->finding) : NULL);
	set_text(line, "subject", *hop->subject ? hop->subject : NULL);
	set_text(line, "code", hop->code ? error_code_name(hop->code) : NULL);
	set_number(line, "exit", (uint64_t)error_exit_status(hop->outcome == DOCTOR_FAILED ? hop->code : ERROR_NONE));
	set_text(line, "detail", *hop->detail ? hop->detail : NULL);
	send_line(lines, line);
}

void job_lines_damage(struct job_lines *lines, enum inspect_kind kind, const char *path)
{
	AUTO(json) json_t *line = json_object();

	set_text(line, "state", "finding");
	set_text(line, "package", lines->package);
	set_text(line, "version", lines->version);
	set_text(line, "kind", inspect_kind_name(kind));
	set_text(line, "path", path);
	send_line(lines, line);
}

void job_lines_verified(struct job_lines *lines, const struct job_verified *verified)
{
	const struct soundness *soundness = verified->soundness;
	AUTO(json) json_t *line = json_object();

	set_text(line, "state", "verified");
	set_text(line, "package", lines->package);
	set_text(line, "version", lines->version);
	(void)json_object_set_new(line, "sound",
		verified->is_installed ? json_boolean(!soundness_is_damaged(soundness)) : json_null());
	set_text(line, "list_fault", *soundness->list_fault ? soundness->list_fault : NULL);
	set_number(line, "files", verified->files);
	set_number(line, "bytes", verified->bytes);
	for (int kind = 0; kind < INSPECT_KINDS; kind++)
		set_number(line, inspect_kind_name((enum inspect_kind)kind), (uint64_t)soundness->counts[kind]);
	send_line(lines, line);
}

void job_lines_end(struct job_lines *lines, const struct job_result *result, const struct error *why)
{
	AUTO(json) json_t *line = json_object();

	set_text(line, "state", "end");
	set_number(line, "staged", (uint64_t)result->staged);
	set_number(line, "available", (uint64_t)result->available);
	set_number(line, "not_its_turn", (uint64_t)result->not_its_turn);
	set_number(line, "confirmed", (uint64_t)result->confirmed);
	set_number(line, "rolled_back", (uint64_t)result->rolled_back);
	set_number(line, "damaged", (uint64_t)result->damaged);
	(void)json_object_set_new(line, "agent_replaced", json_boolean(result->agent_replaced));
	(void)json_object_set_new(line, "contact", json_boolean(result->contact));
	set_text(line, "error", error_code_name(why ? why->code : ERROR_NONE));
	set_number(line, "exit", (uint64_t)error_exit_status(why ? why->code : ERROR_NONE));
	set_text(line, "message", why ? why->text : "");
	send_line(lines, line);
}
