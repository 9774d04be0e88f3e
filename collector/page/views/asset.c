#include "collector/page/views/asset.h"

#include <stdio.h>
#include <string.h>

#include "common/digest.h"

extern const char page_style[], page_script[], page_icon[];

static const struct {
	const char *path, *content_type, *text;
} assets[] = {
	{"/page/style.css", "text/css; charset=utf-8", page_style},
	{"/page/page.js", "text/javascript; charset=utf-8", page_script},
	{"/page/icon.svg", "image/svg+xml", page_icon},
};

void asset_show(struct api *api, struct exchange *exchange)
{
	char hex[SHA256_HEX_SIZE];
	struct sha256 digest;

	(void)api;
	for (size_t i = 0; i < ARRAY_SIZE(assets); i++) {
		if (strcmp(assets[i].path, exchange->path) != 0)
			continue;
		sha256_of(assets[i].text, strlen(assets[i].text), &digest);
		exchange_answer_copy(exchange, assets[i].content_type, assets[i].text, strlen(assets[i].text));
		(void)snprintf(exchange->etag, sizeof(exchange->etag), "\"%.32s\"", sha256_hex(&digest, hex));
		return;
	}
	exchange_answer_text(exchange, 404, "There is nothing at this address.");
}
