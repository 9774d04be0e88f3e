#include "tools/audit/audit_findings.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/command_line/language.h"
#include "common/text.h"

static const struct {
	const char *name;
	const char *title;
	const char *meaning;
} kinds[FINDING_KINDS] = {
	[FINDING_CHECKPOINT] = {"checkpoint", N_("The newest checkpoint is not accepted."),
		N_("Nothing that this log shows is proven: it is not signed and cosigned as the policy asks.")},
	[FINDING_BACK] = {"went-back", N_("The log is smaller than it was."),
		N_("Entries were taken out, or an older state of the log was put back. Its operator has to explain "
		   "it.")},
	[FINDING_HISTORY] = {"other-history", N_("The log is not the continuation of what it was."),
		N_("Entries were exchanged, or you are shown another log than before. Keep both checkpoints: they "
		   "are proof.")},
	[FINDING_TILE] = {"tile", N_("A tile is not what the entries make."),
		N_("The files of the log were damaged or altered; proofs made from them do not hold.")},
	[FINDING_ROOT] = {"root", N_("The entries are not those that were signed."),
		N_("What the log shows is not what it vouched for: an entry was exchanged, or a file is damaged.")},
	[FINDING_MISSING] = {"missing", N_("A part of the log cannot be read."),
		N_("Try again; if it stays so, the log withholds what it signed.")},
	[FINDING_ENTRY] = {"entry", N_("An entry is not one of a report."),
		N_("The log holds what it should not; nothing follows from that entry.")},
	[FINDING_ROW] = {"two-histories", N_("A terminal has reported two different histories."),
		N_("The same row with another content: its records were rewritten, or it was copied. Look at that "
		   "terminal.")},
	[FINDING_FEWER] = {"fewer-rows", N_("A terminal has reported fewer records than before."),
		N_("Its records were cut, or it was put back to an older state. Look at that terminal.")},
	[FINDING_REPORT] = {"report-twice", N_("A terminal has sent another report under a number that it had used."),
		N_("It was put back to an older state, or copied. Look at that terminal.")},
	[FINDING_EXPORT] = {"export", N_("The exported history does not hold."),
		N_("It was altered after it left the terminal, or it is of another terminal: it proves nothing.")},
	[FINDING_RECEIPT] = {"receipt", N_("No receipt of the ledger vouches for the exported history."),
		N_("The terminal alone says so. If it ever got a receipt, somebody has left it out: look for its "
		   "reports in "
		   "the ledger.")},
	[FINDING_SEAL] = {"report", N_("The report in it is not what a terminal signed."),
		N_("It was altered after the terminal made it, or never came from one: nothing in it is proven.")},
	[FINDING_DELIVERY] = {"delivery", N_("The report does not say that this delivery was confirmed."),
		N_("The certificate claims more than the terminal said.")},
	[FINDING_CERTIFICATE] = {"client-certificate", N_("The terminal's client certificate does not vouch for it."),
		N_("Some terminal said so; that it is one of that institution is not proven.")},
	[FINDING_PROOF] = {"proof", N_("It is not proven that the report was logged."),
		N_("The report may have been made later than it says: nobody but the terminal vouches for its "
		   "time.")},
	[FINDING_RELEASE] = {"release", N_("The release is not proven to be what its vendor signed."),
		N_("The terminal ran something under that name; whose it was is not proven.")},
	[FINDING_TIMES] = {"times", N_("The times in it contradict each other."),
		N_("The clock of the terminal or of a witness was wrong, or a time is made up: since when the "
		   "release ran is not "
		   "proven.")},
};

void findings_clear(struct findings *findings)
{
	json_decref(findings->list);
	*findings = (struct findings){0};
}

static void add(
	struct findings *findings, enum finding_kind kind, int64_t entry, const char *detail, const char *cause)
{
	json_t *finding;

	findings->count++;
	if (!findings->list)
		findings->list = json_array();
	if (json_array_size(findings->list) >= FINDINGS_MOST)
		return;
	finding = json_object();
	(void)json_object_set_new(finding, "kind", json_string(kinds[kind].name));
	(void)json_object_set_new(finding, "detail", json_string(detail));
	if (cause)
		(void)json_object_set_new(finding, "cause", json_string(cause));
	if (entry >= 0)
		(void)json_object_set_new(finding, "entry", json_integer(entry));
	(void)json_array_append_new(findings->list, finding);
}

void findings_add(struct findings *findings, enum finding_kind kind, int64_t entry, const char *fmt, ...)
{
	char detail[512], shown[512];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(detail, sizeof(detail), fmt, args);
	va_end(args);
	text_printable(detail, shown, sizeof(shown));
	add(findings, kind, entry, shown, NULL);
}

void findings_add_error(
	struct findings *findings, enum finding_kind kind, int64_t entry, const char *where, const struct error *why)
{
	char detail[512], cause[sizeof(why->text)];

	text_printable(where, detail, sizeof(detail));
	text_printable(why->text, cause, sizeof(cause));
	add(findings, kind, entry, detail, cause);
}

static size_t kind_of(const char *name)
{
	size_t kind = 0;

	while (kind < FINDING_KINDS - 1 && strcmp(kinds[kind].name, name) != 0)
		kind++;
	return kind;
}

/* Where it is, and what is the case there. */
static void print_detail(const json_t *finding)
{
	const char *detail = json_string_value(json_object_get(finding, "detail"));
	const json_t *entry = json_object_get(finding, "entry");

	if (entry)
		(void)printf(
			_("  entry %lld%s%s\n"), (long long)json_integer_value(entry), *detail ? ": " : "", detail);
	else if (*detail)
		(void)printf("  %s\n", detail);
}

void findings_print(const struct findings *findings)
{
	json_t *finding;
	size_t i;

	json_array_foreach (findings->list, i, finding) {
		size_t kind = kind_of(json_string_value(json_object_get(finding, "kind")));
		const char *cause = json_string_value(json_object_get(finding, "cause"));

		(void)printf("- %s\n", _(kinds[kind].title));
		print_detail(finding);
		(void)printf("  %s\n", _(kinds[kind].meaning));
		if (cause)
			(void)printf(_("  (for support: %s)\n"), cause);
	}
	if (findings->count > FINDINGS_MOST)
		(void)printf(_("... and %zu more.\n"), findings->count - FINDINGS_MOST);
}
