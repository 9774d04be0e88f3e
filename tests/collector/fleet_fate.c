#include "tests/collector/fleet_fate.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "collector/store/terminal_row.h"

int64_t fate(int64_t terminal, int64_t purpose)
{
	uint64_t x = (uint64_t)terminal * 0x9e3779b97f4a7c15u + (uint64_t)purpose * 0xbf58476d1ce4e5b9u;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return (int64_t)((x ^ x >> 31) % 10000);
}

const char *fate_choose(const struct choice *choices, int64_t number)
{
	while (number >= choices->below)
		choices++;
	return choices->name;
}

const struct choice fate_causes[12] = {{4200, "off"}, {6300, "network"}, {7200, "disabled"}, {7800, "certificate"},
	{8300, "not-running"}, {8700, "no-space"}, {8900, "clock"}, {9050, "server-untrusted"}, {9200, "activated"},
	{9300, "server"}, {9400, "rolled-back"}, {10000, "unknown"}};
const struct choice fate_verdicts[4] = {
	{9130, "up-to-date"}, {9560, "restart"}, {9830, "update-waiting"}, {10000, "needs-attention"}};
const struct choice fate_reasons[8] = {{3400, "off"}, {5000, "no-contact"}, {6200, "no-space"},
	{7600, "rolled-back"}, {8300, "clock"}, {8900, "certificate-ends"}, {9400, "disabled"},
	{10000, "not-installed"}};

/* What became of face-library 5.1.0, which is being delivered. */
static const struct choice states[] = {{6900, "confirmed"}, {7050, "activated"}, {7700, "staged"}, {7900, "fetching"},
	{9885, "planned"}, {9945, "rolled-back"}, {9975, "failed"}, {10000, "rejected"}};
const struct choice fate_details[4] = {{5600, "health check: camera did not answer within 20 s"},
	{8100, "self-test ended with exit status 3"}, {9300, "health check: model file is of another version"},
	{10000, "the program ended by signal 11"}};

void fate_hash(const char *what, int64_t number, struct sha256 *ret_digest)
{
	char text[128];
	int len = snprintf(text, sizeof(text), "%s %" PRId64, what, number);

	sha256_of(text, (size_t)len, ret_digest);
}

void fate_key(int64_t number, char ret_key[static SHA256_HEX_SIZE])
{
	struct sha256 digest;

	fate_hash("terminal", number, &digest);
	(void)sha256_hex(&digest, ret_key);
}

void fate_of_terminal(int64_t number, struct terminal *ret_terminal)
{
	struct terminal *terminal = ret_terminal;
	int64_t institution = number * 4 / 5; /* every fourth has a second terminal */
	struct sha256 digest;

	*terminal = (struct terminal){.number = number};
	fate_key(number, terminal->key);
	terminal->id = terminal_id_of(terminal->key);
	fate_hash("certificate", number, &digest);
	(void)sha256_hex(&digest, terminal->certificate);
	(void)snprintf(terminal->institution, sizeof(terminal->institution), "%02d1%07d",
		(int)(1 + fate(institution, FATE_PLACE) % 47), (int)(1000000 + institution * 37 % 8999999));
	(void)snprintf(terminal->name, sizeof(terminal->name), "%s%s", terminal->institution,
		number > 0 && (number - 1) * 4 / 5 == institution ? "-2" : "");
	terminal->state = fate_choose(states, fate(number, FATE_RELEASE));
	terminal->cause = fate(number, FATE_SILENT) < 240 ? fate_choose(fate_causes, fate(number, FATE_CAUSE)) : "";
	terminal->slot_s = FLEET_WINDOW_S * fate(number, FATE_SLOT) / 10000;
}

static bool runs_new(const struct terminal *terminal)
{
	return strcmp(terminal->state, "confirmed") == 0 || strcmp(terminal->state, "activated") == 0;
}

size_t fate_packages(const struct terminal *terminal, struct package ret_packages[static 4])
{
	bool is_old = fate(terminal->number, FATE_OLD) < 350;
	const char *reader = fate(terminal->number, FATE_VENDOR) < 6200 ? "reader-app/acme" : "reader-app/hikari";
	const char *version = strcmp(reader, "reader-app/acme") == 0 ? "1.4.2" : "3.0.1";
	bool waits = strcmp(terminal->state, "planned") == 0 || strcmp(terminal->state, "fetching") == 0;

	ret_packages[0] =
		(struct package){"distro-app", is_old ? "2.3.0" : "2.4.1", "2.4.1", is_old ? "waiting" : "current"};
	ret_packages[1] = (struct package){"face-library", runs_new(terminal) ? "5.1.0" : "5.0.2", "5.1.0",
		runs_new(terminal)			 ? "current"
		: waits					 ? "waiting"
		: strcmp(terminal->state, "staged") == 0 ? "staged"
							 : "rolled-back"};
	ret_packages[2] = (struct package){"linkage-app", "1.9.0", "1.9.0", "current"};
	ret_packages[3] = (struct package){reader, version, version, "current"};
	return 4;
}
