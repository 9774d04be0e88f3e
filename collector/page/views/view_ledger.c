#include "collector/page/views/view_ledger.h"

#include "collector/api/api_ledger.h"
#include "collector/page/base/frame.h"
#include "collector/page/base/list.h"
#include "collector/page/base/moment.h"

static void put_witnesses(struct html *html, const json_t *witnesses)
{
	const char *const columns[] = {_("Witness"), _("Signed"), NULL};

	html_put(html, "<section><h2>%s</h2>", _("Witnesses of the last checkpoint"));
	if (json_array_size(witnesses) == 0) {
		html_put(html, "<p class=\"quiet\">%s</section>",
			_("No witness has signed it: nobody but this collector vouches for the ledger."));
		return;
	}
	list_begin_table(html, _("Witnesses of the last checkpoint"), columns);
	for (size_t i = 0; i < json_array_size(witnesses); i++) {
		const json_t *witness = json_array_get(witnesses, i);

		html_put(html, "<tr><th scope=\"row\"><bdi>%s</bdi><td>", value_text(witness, "name"));
		moment_put(html, value_moment_s(witness, "signed"));
	}
	list_end_table(html);
	html_put(html, "</section>");
}

static void put_view(struct html *html, const json_t *ledger)
{
	int64_t size = value_number(ledger, "size"), waiting = value_number(ledger, "waiting");

	html_put(html, "<h1>%s</h1><p class=\"lead\">", _("Ledger"));
	html_put(html,
		N("%'lld report is in it, and cannot be taken back.",
			"%'lld reports are in it, and cannot be taken back.", size),
		(long long)size);
	html_put(html, "<dl class=\"facts\"><dt>%s<dd><bdi>%s</bdi><dt>%s<dd><code class=\"long\">%s</code>",
		_("Name"), value_text(ledger, "origin"), _("Root of the tree"), value_text(ledger, "root"));
	html_put(html, "<dt>%s<dd>%'lld<dt>%s<dd><a href=\"/ledger/checkpoint\">/ledger/checkpoint</a></dl>",
		_("Reports that wait to be logged"), (long long)waiting, _("Last checkpoint"));
	put_witnesses(html, json_object_get(ledger, "witnesses"));
}

static void put_nothing(struct html *html)
{
	html_put(html, "<h1>%s</h1><p class=\"lead\">%s<p>%s", _("Ledger"), _("No ledger is written here."),
		_("With [ledger] folder, origin and key in the collector's settings, every report is logged in one "
		  "that "
		  "nobody can take back."));
}

void view_ledger(struct api *api, struct database *database, struct exchange *exchange)
{
	AUTO(html) struct html html = HTML_INIT;
	AUTO(json) json_t *ledger = NULL;
	struct error err = {0};

	if (api->scribe && !(ledger = api_ledger_tell(api, database, &err))) {
		frame_answer_error(exchange, &err);
		return;
	}
	frame_begin(&html, exchange, FRAME_LEDGER, N_("Ledger"));
	if (ledger)
		put_view(&html, ledger);
	else
		put_nothing(&html);
	frame_end(&html, exchange);
}
