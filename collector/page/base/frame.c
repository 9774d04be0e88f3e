#include "collector/page/base/frame.h"

#include <stdio.h>
#include <string.h>

#include "collector/page/base/words.h"
#include "common/digest.h"

/* A year. */
#define KEEP "; Path=/; Max-Age=31536000; SameSite=Strict; HttpOnly"

static const struct {
	enum frame_place place;
	const char *path, *name;
	bool is_for_vendors;
} places[] = {
	{FRAME_NIGHT, "/", N_("The night"), false},
	{FRAME_RELEASES, "/releases", N_("Releases"), true},
	{FRAME_CAMPAIGNS, "/campaigns", N_("Campaigns"), false},
	{FRAME_TERMINALS, "/terminals", N_("Terminals"), false},
	{FRAME_LEDGER, "/ledger", N_("Ledger"), false},
};

/* ---- Language ---- */

static bool is_language(const char *text)
{
	return text && (strcmp(text, "ja") == 0 || strcmp(text, "en") == 0);
}

/* The first language in the header that we speak; browsers put them in the order of their wishes. */
static bool wants_japanese(const char *accept)
{
	for (const char *at = accept ? accept : ""; *at; at += strcspn(at, ","), at += strspn(at, ", ")) {
		if (strncmp(at, "ja", 2) == 0)
			return true;
		if (strncmp(at, "en", 2) == 0)
			return false;
	}
	return false;
}

static bool choose_language(struct exchange *exchange)
{
	const char *asked = exchange_argument(exchange, "lang"), *kept = exchange_cookie(exchange, "lang");

	exchange->is_worded = true;
	if (is_language(asked)) {
		exchange->cookie = *asked == 'j' ? "lang=ja" KEEP : "lang=en" KEEP;
		return *asked == 'j';
	}
	if (is_language(kept))
		return *kept == 'j';
	return wants_japanese(exchange_header(exchange, "Accept-Language"));
}

struct address {
	struct html *html;
	const char *separator;
};

static bool put_argument(void *context, const char *name, const char *value)
{
	char safe_name[HTML_ADDRESS_SIZE], safe_value[HTML_ADDRESS_SIZE];
	struct address *address = context;

	if (strcmp(name, "lang") == 0)
		return true;
	html_put(address->html, "%s%s=%s", address->separator, html_address(name, safe_name),
		html_address(value, safe_value));
	address->separator = "&";
	return true;
}

/* The same page in the other language. */
static void put_switch(struct html *html, const struct exchange *exchange)
{
	const char *other = html->is_japanese ? "en" : "ja";
	struct address address = {html, "?"};
	char path[HTML_ADDRESS_SIZE];

	html_put(html, "<a class=\"language\" lang=\"%s\" hreflang=\"%s\" href=\"%s", other, other,
		html_address(exchange->path, path));
	exchange_each_argument(exchange, put_argument, &address);
	html_put(html, "%slang=%s\">%s</a>", address.separator, other, html->is_japanese ? "English" : "日本語");
}

/* ---- The frame ---- */

static bool sees(enum role_kind role, bool is_for_vendors)
{
	return role == ROLE_OPERATOR || role == ROLE_AUDITOR || (role == ROLE_VENDOR && is_for_vendors);
}

static void put_places(struct html *html, const struct exchange *exchange, enum frame_place place)
{
	html_put(html, "<nav aria-label=\"%s\"><ul>", _("Views"));
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		if (!sees(exchange->client->role, places[i].is_for_vendors))
			continue;
		html_put(html, "<li><a href=\"%s\"", places[i].path);
		html_put(html, places[i].place == place ? " aria-current=\"page\">" : ">");
		html_put(html, "%s</a>", _(places[i].name));
	}
	html_put(html, "</ul></nav>");
}

void frame_begin(struct html *html, struct exchange *exchange, enum frame_place place, const char *title)
{
	html->is_japanese = choose_language(exchange);
	html_put(html, "<!DOCTYPE html>\n<html lang=\"%s\"><head><meta charset=\"utf-8\"><title>%s · haishin</title>",
		html->is_japanese ? "ja" : "en", _(title));
	html_put(html, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
		       "<meta name=\"color-scheme\" content=\"light dark\">"
		       "<link rel=\"stylesheet\" href=\"/page/style.css\"><link rel=\"icon\" href=\"/page/icon.svg\">"
		       "<script src=\"/page/page.js\" defer></script></head><body>");
	html_put(html, "<a class=\"skip\" href=\"#main\">%s</a><header><a class=\"brand\" href=\"/\">haishin</a>",
		_("To the content"));
	put_places(html, exchange, place);
	put_switch(html, exchange);
	html_put(html, "</header><main id=\"main\" tabindex=\"-1\">\n");
}

void frame_end(struct html *html, struct exchange *exchange)
{
	char hex[SHA256_HEX_SIZE];
	struct sha256 digest;

	html_put(html,
		"</main>\n<footer><p>%s <bdi>%s</bdi> (%s) · %s · haishin-collector %s</footer></body></html>\n",
		_("You are"), exchange->client->subject, words_of_role(html, role_kind_name(exchange->client->role)),
		_("times are those of Japan"), HAISHIN_VERSION);
	if (html->is_cut) {
		exchange_answer_text(exchange, 500, "No memory for the page.");
		return;
	}
	sha256_of(html->text.data, html->text.len, &digest);
	exchange_answer_bytes(exchange, "text/html; charset=utf-8", &html->text);
	(void)snprintf(exchange->etag, sizeof(exchange->etag), "\"%.32s\"", sha256_hex(&digest, hex));
}

/* ---- What cannot be shown ---- */

static const char *sentence_of(const struct html *html, unsigned int status)
{
	switch (status) {
	case 400:
		return _("This cannot be asked so.");
	case 403:
		return _("This is not for you.");
	case 404:
		return _("This is not there.");
	default:
		return _("This cannot be shown now.");
	}
}

void frame_answer_error(struct exchange *exchange, const struct error *err)
{
	AUTO(html) struct html html = HTML_INIT;
	unsigned int status;

	exchange_answer_error(exchange, 0, err);
	status = exchange->status;
	frame_begin(&html, exchange, FRAME_NOWHERE, N_("Not shown"));
	html_put(&html, "<h1>%s</h1><p class=\"lead\"><bdi>%s</bdi>", sentence_of(&html, status), err->text);
	frame_end(&html, exchange);
	if (exchange->status == 200)
		exchange->status = status;
	exchange->etag[0] = '\0';
}

void frame_answer_denied(struct exchange *exchange)
{
	struct error err = {0};

	(void)error_set(&err, ERROR_DENIED,
		"'%.200s' has the role %s here, which may not see this; a [role] of the collector's settings gives "
		"another.",
		exchange->client->subject, role_kind_name(exchange->client->role));
	frame_answer_error(exchange, &err);
}
