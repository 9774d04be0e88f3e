#include "agent/server/last_contact.h"

#include "agent/machine/machine_clock.h"
#include "updater/fetch/http_hop.h"

#define SETTING_CONTACT "last_contact_s"
#define SETTING_CATALOG "catalog.version"
#define SETTING_CERTIFICATE "certificate.name"
#define SETTING_CERTIFICATE_ENDS "certificate.expires_s"
#define SETTING_UNTRUSTED "contact.server_is_untrusted"
#define SETTING_TWIN "report.twin_s"

int last_contact_read(struct store *store, struct last_contact *ret_contact, struct error *err)
{
	AUTO(buf) struct buf name = BUF_INIT(256), trouble = BUF_INIT(STORE_TEXT_SIZE);
	struct last_contact contact = {0};
	int64_t untrusted = 0;

	if (store_number(store, SETTING_CONTACT, &contact.contact_s, err) < 0 ||
		store_number(store, SETTING_CATALOG, &contact.catalog_version, err) < 0 ||
		store_number(store, SETTING_CERTIFICATE_ENDS, &contact.certificate_expires_s, err) < 0 ||
		store_number(store, SETTING_UNTRUSTED, &untrusted, err) < 0 ||
		store_number(store, SETTING_TWIN, &contact.twin_s, err) < 0 ||
		store_setting(store, SETTING_CERTIFICATE, &name, err) < 0 ||
		store_setting(store, SETTING_RENEWAL_TROUBLE, &trouble, err) < 0)
		return -1;
	record_text(buf_text(&trouble), contact.renewal_trouble, sizeof(contact.renewal_trouble));
	contact.server_is_untrusted = untrusted != 0;
	record_text(buf_text(&name), contact.certificate_name, sizeof(contact.certificate_name));
	*ret_contact = contact;
	return 0;
}

int last_contact_note(const struct distribution *distribution, bool is_contact, struct error *err)
{
	struct store *store = distribution->terminal->store;
	const struct clock *clock = distribution->env.clock;

	if (store_begin(store, err) < 0)
		return -1;
	return store_end(store,
		machine_clock_trust(store, err) < 0 ||
				(is_contact && store_set_number(store, SETTING_CONTACT, clock->now_s(clock), err) < 0) ||
				store_set_number(store, SETTING_CATALOG,
					tuf_client_version(distribution->trust, "snapshot", NULL), err) < 0
			? -1
			: 0,
		err);
}

int last_contact_note_certificate(const struct distribution *distribution, struct error *err)
{
	const struct certificate *certificate = &distribution->connection.certificate;
	struct store *store = distribution->terminal->store;
	char name[sizeof(((struct last_contact *)0)->certificate_name)];

	record_text(certificate->name, name, sizeof(name));
	if (store_begin(store, err) < 0)
		return -1;
	return store_end(store,
		store_set_setting(store, SETTING_CERTIFICATE, name, err) < 0 ||
				store_set_number(store, SETTING_CERTIFICATE_ENDS, certificate->expires_s, err) < 0
			? -1
			: 0,
		err);
}

int last_contact_note_twin(struct store *store, int64_t twin_s, struct error *err)
{
	int64_t known_s;

	if (store_number(store, SETTING_TWIN, &known_s, err) < 0)
		return -1;
	return known_s == twin_s ? 0 : store_set_number(store, SETTING_TWIN, twin_s, err);
}

int last_contact_note_failure(struct store *store, const struct error *why, struct error *err)
{
	return store_set_number(
		store, SETTING_UNTRUSTED, why->code == ERROR_CERTIFICATE && http_hop_of(why) == HTTP_HOP_TLS, err);
}
