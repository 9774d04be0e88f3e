#include "tests/agent/control/described.h"

#include <ctype.h>
#include <stdio.h>

#include "agent/control/methods.h"
#include "agent/varlink/varlink_answer.h"

static char interface[VARLINK_DESCRIPTION_MAX_BYTES + 1];

static const char *description(void)
{
	AUTO(buf) struct buf text = BUF_INIT(VARLINK_DESCRIPTION_MAX_BYTES);
	struct error err = {0};

	if (!*interface) {
		assert_ok(methods_describe(&text, &err), &err);
		(void)snprintf(interface, sizeof(interface), "%s", buf_text(&text));
	}
	return interface;
}

/* One walk through a value along its type. */
struct walk {
	const char *subject; /* the method or type */
	const char *except;  /* of all that may be missing nothing else is; NULL: whatever may be missing */
};

static const char *check(const struct walk *walk, const char *type, const char *name, const json_t *value);

static const char *behind(const char *at, const char *these)
{
	return at + strspn(at, these);
}

#define BLANKS " \n\t"

static size_t word_length(const char *at)
{
	size_t len = 0;

	while (isalnum((unsigned char)at[len]) || at[len] == '_')
		len++;
	return len;
}

/* What stands behind "type NAME " or "method NAME". */
static const char *find_declared(const char *keyword, const char *name, size_t len)
{
	const char *at = description();

	while ((at = strstr(at, keyword))) {
		at += strlen(keyword);
		if (strncmp(at, name, len) == 0 && !isalnum((unsigned char)at[len]))
			return behind(at + len, BLANKS);
	}
	fail_msg("the interface has no %s%.*s", keyword, (int)len, name);
	return NULL;
}

/* "(name: type, ...)"; VALUE NULL: nothing is checked. Returns what stands behind it. */
static const char *check_members(const struct walk *walk, const char *at, const char *name, const json_t *value)
{
	AUTO(json) json_t *described = json_object();
	json_t *part_of_it;
	const char *key;

	if (value && !json_is_object(value))
		fail_msg("%s: %s is no object", walk->subject, name);
	for (at = behind(at + 1, BLANKS); *at != ')'; at = behind(at, ", \n\t")) {
		char member[64];
		size_t len = word_length(at);
		const char *type = behind(at + len, ": \n\t");
		const json_t *part;

		(void)snprintf(member, sizeof(member), "%.*s", (int)len, at);
		part = json_object_get(value, member);
		assert_int_equal(json_object_set_new(described, member, json_true()), 0);
		if (value && *type != '?' && !part)
			fail_msg("%s: %s lacks %s", walk->subject, name, member);
		if (value && walk->except && strcmp(walk->except, member) != 0 && (!part || json_is_null(part)))
			fail_msg("%s: nothing is told of %s in %s", walk->subject, member, name);
		at = check(walk, type, member, part);
	}
	json_object_foreach ((json_t *)value, key, part_of_it)
		if (!json_object_get(described, key))
			fail_msg("%s: %s has a member '%s' that is not described", walk->subject, name, key);
	return at + 1;
}

/* "[]type" and "[string]type". */
static const char *check_list(const struct walk *walk, const char *at, const char *name, const json_t *value)
{
	bool is_map = at[1] != ']';
	const char *type = strchr(at, ']') + 1, *key;
	json_t *part;
	size_t i;

	if (value && !(is_map ? json_is_object(value) : json_is_array(value)))
		fail_msg("%s: %s is no %s", walk->subject, name, is_map ? "map" : "list");
	if (value && is_map)
		json_object_foreach ((json_t *)value, key, part)
			(void)check(walk, type, name, part);
	if (value && !is_map)
		json_array_foreach (value, i, part)
			(void)check(walk, type, name, part);
	if (walk->except && value && !json_object_size(value) && !json_array_size(value))
		fail_msg("%s: %s is empty", walk->subject, name);
	return check(walk, type, name, NULL);
}

static bool is_plain(const char *type, size_t len, const json_t *value, bool *ret_is_right)
{
	static const char *const names[] = {"string", "int", "bool", "object"};
	const bool rights[] = {
		json_is_string(value), json_is_integer(value), json_is_boolean(value), json_is_object(value)};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strlen(names[i]) == len && strncmp(type, names[i], len) == 0) {
			*ret_is_right = rights[i];
			return true;
		}
	return false;
}

/* VALUE NULL: nothing is checked. Returns what stands behind the type. */
static const char *check(const struct walk *walk, const char *type, const char *name, const json_t *value)
{
	bool is_right;
	size_t len;

	if (*type == '?')
		return check(walk, type + 1, name, json_is_null(value) ? NULL : value);
	if (*type == '(')
		return check_members(walk, type, name, value);
	if (*type == '[')
		return check_list(walk, type, name, value);
	len = word_length(type);
	if (!is_plain(type, len, value, &is_right)) {
		const char *declared = find_declared("\ntype ", type, len);

		if (value)
			(void)check(walk, declared, name, value);
	} else if (value && !is_right) {
		fail_msg("%s: %s is no %.*s", walk->subject, name, (int)len, type);
	}
	return type + len;
}

static void check_method(const char *method, const json_t *answer, const char *except)
{
	const struct walk walk = {.subject = method, .except = except};
	const char *arrow = strstr(find_declared("\nmethod ", method, strlen(method)), "-> ");

	assert_non_null(answer);
	(void)check(&walk, arrow + strlen("-> "), "the answer", answer);
}

void assert_as_described(const char *method, const json_t *answer)
{
	check_method(method, answer, NULL);
}

void assert_whole_as_described(const char *method, const json_t *answer, const char *except)
{
	check_method(method, answer, except);
}

void assert_of_type(const char *type, const json_t *value)
{
	const struct walk walk = {.subject = type};

	assert_non_null(value);
	(void)check(&walk, find_declared("\ntype ", type, strlen(type)), "the value", value);
}

bool described_method(const char **at, char ret_name[static 64])
{
	const char *found = strstr(*at ? *at : description(), "\nmethod ");

	if (!found)
		return false;
	*at = found + strlen("\nmethod ");
	(void)snprintf(ret_name, 64, "%.*s", (int)word_length(*at), *at);
	return true;
}
