/* Certificates: listed and revoked. */
#include <stdio.h>
#include <string.h>

#include "collector/api/api_certificates.h"
#include "collector/store/schema.h"
#include "tools/collector/commands.h"
#include "tools/collector/settings.h"

#define AT_ONCE 1000

/* ---- The list ---- */

struct listing {
	bool is_json;
	char after[SHA256_HEX_SIZE];
	int64_t now_s;
	size_t count;
};

static const char *day_of(int64_t time_s, char ret_text[static CLOCK_TEXT_SIZE])
{
	if (time_s == 0)
		return "-";
	(void)clock_text(time_s, ret_text);
	ret_text[strcspn(ret_text, "T")] = '\0';
	return ret_text;
}

static const char *state_of(const struct roster_entry *entry, int64_t now_s)
{
	return entry->revoked_s ? "revoked" : entry->ends_s <= now_s ? "ended" : "valid";
}

static int print_row(const struct listing *listing, const struct roster_entry *entry)
{
	char issued[CLOCK_TEXT_SIZE], ends[CLOCK_TEXT_SIZE], seen[CLOCK_TEXT_SIZE];

	return printf("%-24s %-11s %-10s %-10s %-10s %-8s %-10s %s\n", entry->name,
		*entry->institution ? entry->institution : "-", day_of(entry->issued_s, issued),
		day_of(entry->ends_s, ends), day_of(entry->last_s, seen), state_of(entry, listing->now_s),
		*entry->ring ? entry->ring : "-", entry->serial);
}

static int print_json(const struct roster_entry *entry, struct error *err)
{
	AUTO(json) json_t *json = api_certificates_json(entry);
	AUTO(buf) struct buf text = BUF_INIT(65536);

	if (json_write(json, &text, err) < 0)
		return -1;
	return puts(buf_text(&text));
}

static int take(void *context, const struct roster_entry *entry, struct error *err)
{
	struct listing *listing = context;

	(void)snprintf(listing->after, sizeof(listing->after), "%s", entry->fingerprint);
	listing->count++;
	if ((listing->is_json ? print_json(entry, err) : print_row(listing, entry)) < 0)
		return error_set(err, ERROR_FAILED, "cannot print the list");
	return 0;
}

static int open_store(const struct command_context *context, struct database **ret_database, struct error *err)
{
	if (database_open(context->config->store, ret_database, err) < 0)
		return -1;
	return schema_update(*ret_database, err);
}

int command_certificates(const struct command_context *context, struct error *err)
{
	struct listing listing = {
		.is_json = args_has(context->args, "json"), .now_s = context->clock->now_s(context->clock)};
	AUTO(database) struct database *database = NULL;
	size_t before;

	if (open_store(context, &database, err) < 0)
		return -1;
	if (!listing.is_json)
		(void)printf("%-24s %-11s %-10s %-10s %-10s %-8s %-10s %s\n", "NAME", "INSTITUTION", "ISSUED", "ENDS",
			"LAST SEEN", "STATE", "RING", "SERIAL");
	do {
		char after[SHA256_HEX_SIZE];

		before = listing.count;
		memcpy(after, listing.after, sizeof(after));
		if (roster_each(database, after, "", "", AT_ONCE, take, &listing, err) < 0)
			return -1;
	} while (listing.count - before == AT_ONCE);
	return 0;
}

/* ---- Revoking ---- */

static int revoke_and_publish(const struct command_context *context, const struct roster *roster,
	const struct roster_whose *whose, const char *why, struct error *err)
{
	AUTO(database) struct database *database = NULL;
	int64_t now_s = context->clock->now_s(context->clock);
	size_t count;

	if (open_store(context, &database, err) < 0 ||
		roster_revoke(roster, database, whose, why, now_s, &count, err) < 0 ||
		roster_publish(roster, database, now_s, err) < 0)
		return -1;
	if (args_has(context->args, "json"))
		return printf("{\"revoked\": %zu}\n", count) < 0;
	return printf("%zu revoked; the list is in %s. haishin-server and the collector read it by themselves, nginx when "
		      "it is reloaded.\n",
		       count, context->config->authority_crl) < 0;
}

/* Capital letters without colons, as it stands in the store, however it is written. */
static int read_serial(const char *text, char ret_serial[static AUTHORITY_SERIAL_SIZE], struct error *err)
{
	size_t len = 0;

	for (; *text; text++) {
		if (*text == ':')
			continue;
		if (len == AUTHORITY_SERIAL_SIZE - 1 || !strchr("0123456789abcdefABCDEF", *text))
			return error_set(err, ERROR_USAGE, "--serial is a certificate's number in hexadecimal");
		ret_serial[len++] = *text >= 'a' ? (char)(*text - 'a' + 'A') : *text;
	}
	ret_serial[len] = '\0';
	return 0;
}

int command_revoke(const struct command_context *context, struct error *err)
{
	const struct config *config = context->config;
	const char *name = args_positional(context->args, 1), *serial = args_get(context->args, "serial"), *why;
	AUTO(authority) struct authority *authority = NULL;
	struct roster roster = {.config = config};
	char number[AUTHORITY_SERIAL_SIZE] = "";
	const struct roster_whose whose = {
		.name = name, .institution = args_get(context->args, "institution"), .serial = serial ? number : NULL};

	if (!name == !serial || (serial && args_has(context->args, "institution")))
		return error_set(err, ERROR_USAGE, "say whose: NAME, perhaps with --institution CODE, or --serial NUMBER");
	if (args_want(context->args, "why", &why, err) < 0 || (serial && read_serial(serial, number, err) < 0))
		return -1;
	if (settings_open_authority(config, context->clock, &authority, err) < 0)
		return -1;
	roster.authority = authority;
	return revoke_and_publish(context, &roster, &whose, why, err);
}
