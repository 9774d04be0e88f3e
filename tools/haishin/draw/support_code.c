#include "tools/haishin/draw/support_code.h"

#include <stdint.h>
#include <string.h>

#include "agent/base/doctor_lists.h"
#include "common/auto.h"
#include "common/clock.h"
#include "common/words/status_reasons.h"
#include "common/words/status_words.h"

#define CHARACTERS 8
#define FORM 0
#define DAY_S 86400

/* From the top: 1 bit of form, the sixth of reason, 6 of finding, the other 5 of reason, 3 for each package, 5 of contact, 10 of
 * checksum. */
#define FINDING_UNKNOWN 63
#define REASON_UNKNOWN 31

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"; /* Crockford's: without I, L, O and U */

/* By their numbers, which stand in the rows: the compiler refuses one that is taken. NULL: nobody's. */
static const char *const findings[] = {
#define FINDING_NAME(enumerator, name, number, meaning, next) [number] = (name),
	EACH_DOCTOR_FINDING(FINDING_NAME)
#undef FINDING_NAME
};
_Static_assert(ARRAY_SIZE(findings) <= FINDING_UNKNOWN, "its number has six bits");

static const char *const reasons[] = {
	[REASON_UNKNOWN] = "",
#define REASON_NAME(enumerator, name, number, meaning, next) [number] = (name),
	EACH_STATUS_REASON(REASON_NAME)
#undef REASON_NAME
};
_Static_assert(ARRAY_SIZE(reasons) <= 64, "its number has six bits");

static const char *const package_names[] = {"distro-app", "face-library", "linkage-app", "reader-app"};
_Static_assert(ARRAY_SIZE(package_names) == SUPPORT_PACKAGES, "each has its place");

/* How a package stands; the worst of several readers counts, which is the later one. Which state says so: its row in status_words.h. */
enum standing {
	STANDING_NOT_RUN,
	STANDING_NEWEST,
	STANDING_STAGED,
	STANDING_HELD,
	STANDING_OLDER,
	STANDING_TAKEN_BACK,
	STANDING_NOT_INSTALLED,
	STANDING_UNKNOWN,
};

static const char *const standings[STANDING_UNKNOWN] = {
	"not-run", "newest", "staged", "held", "older", "taken-back", "not-installed"};

const char *support_package_name(size_t index)
{
	return index < SUPPORT_PACKAGES ? package_names[index] : NULL;
}

/* ---- From the case to numbers ---- */

static unsigned number_of(const char *name, const char *const *names, size_t count, unsigned unknown)
{
	for (unsigned i = 0; name && i < count; i++)
		if (names[i] && strcmp(names[i], name) == 0)
			return i;
	return unknown;
}

static enum standing standing_of(const char *state)
{
	static const struct {
		const char *state;
		enum standing standing;
	} rows[] = {
#define STATE_STANDING(enumerator, name, standing, words) {name, STANDING_##standing},
		EACH_PACKAGE_STATE(STATE_STANDING)
#undef STATE_STANDING
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (strcmp(rows[i].state, state) == 0)
			return rows[i].standing;
	return STANDING_UNKNOWN;
}

static bool is_called(const char *name, const char *package)
{
	size_t len = strlen(package);

	return strncmp(name, package, len) == 0 && (name[len] == '\0' || name[len] == '/');
}

static unsigned standing_in(const json_t *status, const char *package)
{
	unsigned worst = 0;
	const json_t *one;
	size_t i;

	if (!status)
		return STANDING_UNKNOWN;
	json_array_foreach (json_object_get(status, "packages"), i, one) {
		const char *name = json_string_value(json_object_get(one, "name"));
		const char *state = json_string_value(json_object_get(one, "state"));
		unsigned standing = state ? standing_of(state) : STANDING_UNKNOWN;

		if (name && is_called(name, package) && standing > worst)
			worst = standing;
	}
	return worst;
}

static unsigned contact_of(const json_t *status)
{
	const char *contact = json_string_value(json_object_get(status, "last_contact"));
	const char *time = json_string_value(json_object_get(status, "time"));
	struct error none = {0};
	int64_t contact_s, time_s, days;

	if (!contact || !time || clock_parse(contact, &contact_s, &none) < 0 || clock_parse(time, &time_s, &none) < 0)
		return SUPPORT_CONTACT_UNKNOWN;
	days = time_s > contact_s ? (time_s - contact_s) / DAY_S : 0;
	return days >= SUPPORT_CONTACT_LONG_AGO - 1 ? SUPPORT_CONTACT_LONG_AGO : (unsigned)days + 1;
}

/* ---- Numbers and characters ---- */

/* CRC-10 (x^10 + x^9 + x^5 + x^4 + x + 1) of the 30 bits in front of it: it finds each wrong character and each two that were swapped.
 * The constant keeps eight zeros from being a code. */
static uint64_t checksum(uint64_t bits)
{
	uint64_t rest = bits << 10;

	for (int at = 39; at >= 10; at--)
		if (rest >> at & 1)
			rest ^= (uint64_t)0x633 << (at - 10);
	return rest ^ 0x155;
}

void support_code_make(const json_t *status, const char *finding, char ret_code[static SUPPORT_CODE_SIZE])
{
	const char *reason = json_string_value(json_object_get(status, "reason"));
	unsigned number = number_of(reason, reasons, ARRAY_SIZE(reasons), REASON_UNKNOWN);
	uint64_t bits = FORM << 1 | number >> 5;

	bits = bits << 6 | number_of(finding, findings, ARRAY_SIZE(findings), FINDING_UNKNOWN);
	bits = bits << 5 | (number & 31);
	for (size_t i = 0; i < SUPPORT_PACKAGES; i++)
		bits = bits << 3 | standing_in(status, package_names[i]);
	bits = bits << 5 | contact_of(status);
	bits = bits << 10 | checksum(bits);
	for (int i = 0; i < CHARACTERS; i++) {
		if (i == CHARACTERS / 2)
			*ret_code++ = '-';
		*ret_code++ = alphabet[bits >> 5 * (CHARACTERS - 1 - i) & 31];
	}
	*ret_code = '\0';
}

/* -1 for a character of no code. */
static int value_of(char character)
{
	const char *found;

	if (character >= 'a' && character <= 'z')
		character = (char)(character - 'a' + 'A');
	if (character == 'O')
		character = '0';
	if (character == 'I' || character == 'L')
		character = '1';
	found = character ? strchr(alphabet, character) : NULL;
	return found ? (int)(found - alphabet) : -1;
}

static bool read_bits(const char *text, uint64_t *ret_bits)
{
	int count = 0;

	*ret_bits = 0;
	for (; *text; text++) {
		if (*text == '-' || *text == ' ')
			continue;
		if (value_of(*text) < 0 || ++count > CHARACTERS)
			return false;
		*ret_bits = *ret_bits << 5 | (uint64_t)value_of(*text);
	}
	return count == CHARACTERS;
}

bool support_code_read(const char *text, struct support_case *ret_case)
{
	unsigned finding, reason;
	uint64_t bits;

	if (!read_bits(text, &bits) || checksum(bits >> 10) != (bits & 1023) || bits >> 39 != FORM)
		return false;
	finding = bits >> 32 & 63;
	reason = (bits >> 33 & 32) | (bits >> 27 & 31);
	*ret_case = (struct support_case){
		.finding = finding < ARRAY_SIZE(findings) ? findings[finding] : NULL,
		.reason = reason < ARRAY_SIZE(reasons) && reason != REASON_UNKNOWN ? reasons[reason] : NULL,
		.contact = (int)(bits >> 10 & 31),
	};
	for (size_t i = 0; i < SUPPORT_PACKAGES; i++) {
		unsigned standing = bits >> (24 - 3 * i) & 7;

		ret_case->packages[i] = standing < STANDING_UNKNOWN ? standings[standing] : NULL;
	}
	return true;
}
