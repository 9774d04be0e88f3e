#include "collector/api/api_certificates.h"

#include <fcntl.h>
#include <string.h>

#include "collector/api/page.h"
#include "common/fs.h"

#define CRL_MOST (16u << 20)

json_t *api_certificates_json(const struct roster_entry *entry)
{
	return JSON_OBJECT({
		json_text("fingerprint", entry->fingerprint),
		json_text("subject", entry->subject),
		json_text("name", entry->name),
		json_text("institution", entry->institution),
		json_text("serial", entry->serial),
		json_text("ring", entry->ring),
		json_take("issued", page_moment(entry->issued_s)),
		json_take("ends", page_moment(entry->ends_s)),
		json_take("first_seen", page_moment(entry->first_s)),
		json_take("last_seen", page_moment(entry->last_s)),
		json_take("revoked", page_moment(entry->revoked_s)),
		json_text("why", entry->why),
	});
}

static int take_entry(void *context, const struct roster_entry *entry, struct error *err)
{
	return page_add(context, api_certificates_json(entry), entry->fingerprint, err);
}

static const char *argument(const struct exchange *exchange, const char *name)
{
	const char *value = exchange_argument(exchange, name);

	return value ? value : "";
}

void api_certificates_list(struct api *api, struct database *database, struct exchange *exchange)
{
	static const char *const names[] = {"name", "institution", NULL};
	static const char *const columns[] = {"institution", "name", "subject", "serial", "fingerprint", "ring", "issued",
		"first_seen", "last_seen", "ends", "revoked", "why", NULL};
	AUTO(page) struct page page = {0};
	struct error err = {0};

	(void)api;
	if (page_begin(&page, exchange, names, &err) < 0 ||
		roster_each(database, page.after, argument(exchange, "name"), argument(exchange, "institution"),
			page.limit, take_entry, &page, &err) < 0)
		exchange_answer_error(exchange, 0, &err);
	else
		page_answer(&page, columns);
}

void api_certificates_revoked(struct api *api, struct exchange *exchange)
{
	AUTO(buf) struct buf pem = BUF_INIT(CRL_MOST);
	struct error err = {0};
	struct fs fs;

	fs_init(&fs);
	if (!api->roster)
		exchange_answer_text(exchange, 404, "No certificates are issued here: [authority] is not set.");
	else if (fs_read_file(&fs, AT_FDCWD, api->config->authority_crl, &pem, &err) < 0)
		exchange_answer_error(exchange, 0, &err);
	else
		exchange_answer_bytes(exchange, "application/x-pem-file", &pem);
}
