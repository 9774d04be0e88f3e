#include "collector/page/views/view_terminal.h"

#include <string.h>

#include "collector/api/api_terminals.h"
#include "collector/page/base/frame.h"
#include "collector/page/base/moment.h"
#include "collector/page/base/words.h"
#include "collector/page/views/terminal_parts.h"

/* What is the case, and the next step, as staff read it on the terminal itself. */
static void put_status(struct html *html, const json_t *terminal)
{
	const char *verdict = value_text(terminal, "verdict"), *reason = value_text(terminal, "reason");

	html_put(html, "<div class=\"status %s\"><h2>%s</h2><p>%s<p class=\"quiet\">%s<p class=\"quiet\">%s ",
		verdict, words_of_verdict(html, verdict), words_of_reason(html, reason), words_of_next(html, reason),
		_("As its own status said at"));
	moment_put(html, value_moment_s(terminal, "received"));
	html_put(html, "</div>");
}

static void put_silence(struct html *html, const json_t *terminal)
{
	const char *cause = value_text(terminal, "cause");

	if (value_moment_s(terminal, "silent_since") > 0) {
		html_put(html, "<div class=\"status needs-attention\"><h2>%s ", _("Silent since"));
		moment_put(html, value_moment_s(terminal, "silent_since"));
		html_put(html, "</h2><p>%s: %s<p class=\"quiet\">%s</div>", _("Likely cause"),
			words_of_cause(html, cause), words_against(html, cause));
	}
	if (value_moment_s(terminal, "twin_seen") > 0)
		html_put(html, "<div class=\"status needs-attention\"><h2>%s</h2><p>%s</div>", _("Two with one key"),
			_("Two machines report with this key, or the terminal's records were made anew. A cloned "
			  "disk needs "
			  "a new identity."));
}

static void put_problems(struct html *html, const json_t *problems)
{
	if (json_array_size(problems) == 0)
		return;
	html_put(html, "<section><h2>%s</h2><ul>", _("What it complains of"));
	for (size_t i = 0; i < json_array_size(problems); i++) {
		const json_t *problem = json_array_get(problems, i);
		const char *reason = value_text(problem, "reason"), *sentence = words_of_reason(html, reason);

		html_put(html, "<li>%s%s%s <span class=\"quiet\">%s</span>", value_text(problem, "package"),
			*value_text(problem, "package") ? ": " : "", *sentence ? sentence : reason,
			words_of_next(html, reason));
	}
	html_put(html, "</ul></section>");
}

static void put_fact(struct html *html, const char *name, const char *value)
{
	html_put(html, "<dt>%s<dd><bdi>%s</bdi>", name, value);
}

static void put_time(struct html *html, const char *name, const json_t *terminal, const char *member)
{
	html_put(html, "<dt>%s<dd>", name);
	moment_put(html, value_moment_s(terminal, member));
}

static void put_facts(struct html *html, const json_t *terminal)
{
	html_put(html, "<section><h2>%s</h2><dl class=\"facts\">", _("The terminal"));
	put_fact(html, _("Institution"), value_text(terminal, "institution"));
	put_fact(html, _("Ring"), value_text(terminal, "ring"));
	put_fact(html, _("Environment"), value_text(terminal, "environment"));
	put_fact(html, _("Agent"), value_text(terminal, "agent"));
	put_time(html, _("Last report"), terminal, "received");
	put_time(html, _("Next window opens"), terminal, "next_window_opens");
	put_time(html, _("First report"), terminal, "first_seen");
	put_time(html, _("Client certificate ends"), terminal, "certificate_ends");
	html_put(html, "<dt>%s<dd>%'lld<dt>%s<dd><code class=\"long\">%s</code></dl></section>",
		_("Rows of its history"), (long long)value_number(terminal, "history_rows"), _("Key"),
		value_text(terminal, "terminal"));
}

static void put_view(struct html *html, const json_t *terminal, bool has_ledger)
{
	html_put(html, "<p class=\"quiet\"><a href=\"/terminals\">%s</a><h1><bdi>%s</bdi></h1>", _("Terminals"),
		value_text(terminal, "name"));
	put_silence(html, terminal);
	put_status(html, terminal);
	put_problems(html, json_object_get(terminal, "problems"));
	terminal_put_packages(html, terminal);
	terminal_put_windows(html, terminal);
	terminal_put_deliveries(html, terminal, has_ledger);
	put_facts(html, terminal);
	terminal_put_receipts(html, terminal);
	terminal_put_looks(html, terminal);
}

void view_terminal(struct api *api, struct database *database, struct exchange *exchange)
{
	const char *key = strrchr(exchange->path, '/') + 1;
	AUTO(html) struct html html = HTML_INIT;
	AUTO(json) json_t *terminal = NULL;
	struct error err = {0};

	if (!(terminal = api_terminals_tell(api, database, exchange->client, key, &err))) {
		frame_answer_error(exchange, &err);
		return;
	}
	frame_begin(&html, exchange, FRAME_TERMINALS, N_("A terminal"));
	put_view(&html, terminal, api->scribe != NULL);
	frame_end(&html, exchange);
}
