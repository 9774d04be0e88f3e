#include "collector/page/base/list.h"

#include <string.h>

void list_put_ways(struct html *html, const struct exchange *exchange, const char *csv)
{
	char path[HTML_ADDRESS_SIZE];

	html_put(html, "<nav class=\"ways\" aria-label=\"%s\">", _("Pages of the list"));
	if (exchange_argument(exchange, "after"))
		html_put(html, "<a href=\"%s\">%s</a>", html_address(exchange->path, path), _("From the beginning"));
	if (*exchange->next)
		html_put(html, "<a rel=\"next\" href=\"%s\">%s</a>", exchange->next, _("Next page"));
	if (csv)
		html_put(html, "<a href=\"%s\" download>%s</a>", csv, _("As a spreadsheet (CSV)"));
	html_put(html, "<button type=\"button\" class=\"print\" hidden>%s</button></nav>", _("Print"));
}

void list_begin_table(struct html *html, const char *caption, const char *const *columns)
{
	html_put(html, "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"%s\"><table><thead><tr>",
		caption);
	for (; *columns; columns++) {
		bool is_number = **columns == '#';

		html_put(html, "<th scope=\"col\"");
		html_put(html, is_number ? " class=\"number\">" : ">");
		html_put(html, "%s", *columns + is_number);
	}
	html_put(html, "</thead><tbody>");
}

void list_end_table(struct html *html)
{
	html_put(html, "</tbody></table></div>");
}

void list_put_certificate(struct html *html, const char *terminal, const char *package, const char *version)
{
	char safe_package[HTML_ADDRESS_SIZE], safe_version[HTML_ADDRESS_SIZE];

	html_put(html,
		"<a href=\"/api/v1/delivery-certificate?terminal=%s&amp;package=%s&amp;version=%s\" download>%s</a>",
		terminal, html_address(package, safe_package), html_address(version, safe_version), _("certificate"));
}
