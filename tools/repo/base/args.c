#include "tools/repo/base/args.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The option that ARGUMENT names, with its value behind '=' if it has one; NULL where it names none. */
static const struct args_option *find_option(
	const struct args_option *options, const char *argument, const char **ret_value)
{
	size_t len;

	if (strncmp(argument, "--", 2) != 0)
		return NULL;
	argument += 2;
	len = strcspn(argument, "=");
	*ret_value = argument[len] ? argument + len + 1 : NULL;
	for (; options->name; options++)
		if (strlen(options->name) == len && strncmp(options->name, argument, len) == 0)
			return options;
	return NULL;
}

/* Walks over the command line: the option or positional argument at *AT, which moves behind it. */
static bool next(const struct args *args, int *at, const struct args_option **ret_option, const char **ret_value)
{
	const char *argument;

	if (*at >= args->argc)
		return false;
	argument = args->argv[(*at)++];
	*ret_option = find_option(args->options, argument, ret_value);
	if (!*ret_option)
		*ret_value = argument;
	else if ((*ret_option)->value && !*ret_value)
		*ret_value = *at < args->argc ? args->argv[(*at)++] : NULL;
	return true;
}

int args_init(struct args *args, const struct args_option *options, int argc, char **argv, struct error *err)
{
	const struct args_option *option;
	const char *value;
	int at = 0;

	*args = (struct args){.options = options, .argc = argc, .argv = argv};
	while (next(args, &at, &option, &value)) {
		if (!option && value[0] == '-' && value[1])
			return error_set(err, ERROR_USAGE, "there is no option '%.80s'; --help lists them", value);
		if (option && option->value && !value)
			return error_set(err, ERROR_USAGE, "--%s needs a value: %s", option->name, option->value);
		if (option && !option->value && value)
			return error_set(err, ERROR_USAGE, "--%s takes no value", option->name);
	}
	return 0;
}

const char *args_nth(const struct args *args, const char *name, size_t index)
{
	const struct args_option *option;
	const char *value;
	int at = 0;

	while (next(args, &at, &option, &value))
		if (option && strcmp(option->name, name) == 0 && index-- == 0)
			return value ? value : "";
	return NULL;
}

const char *args_get(const struct args *args, const char *name)
{
	const char *last = NULL;
	const char *value;

	for (size_t i = 0; (value = args_nth(args, name, i)); i++)
		last = value;
	return last;
}

bool args_has(const struct args *args, const char *name)
{
	return args_nth(args, name, 0) != NULL;
}

int args_want(const struct args *args, const char *name, const char **ret_value, struct error *err)
{
	const char *value = args_get(args, name);

	if (!value)
		return error_set(err, ERROR_USAGE, "--%s is missing; --help tells more", name);
	*ret_value = value;
	return 0;
}

int args_integer(const struct args *args, const char *name, int64_t lowest, int64_t highest, int64_t *ret_value,
	struct error *err)
{
	const char *text = args_get(args, name);
	long long value;
	char *end;

	if (!text)
		return 0;
	value = strtoll(text, &end, 10);
	if (!*text || *end || value < lowest || value > highest)
		return error_set(err, ERROR_USAGE, "--%s '%.40s' is not a number from %lld to %lld", name, text,
			(long long)lowest, (long long)highest);
	*ret_value = value;
	return 0;
}

const char *args_positional(const struct args *args, size_t index)
{
	const struct args_option *option;
	const char *value;
	int at = 0;

	while (next(args, &at, &option, &value))
		if (!option && index-- == 0)
			return value;
	return NULL;
}

int args_want_positional(const struct args *args, size_t least, size_t most, const char *what, struct error *err)
{
	size_t count = 0;

	while (args_positional(args, count))
		count++;
	if (count < least)
		return error_set(err, ERROR_USAGE, "%s is missing; --help tells more", what);
	if (count > most)
		return error_set(err, ERROR_USAGE, "'%.80s' is one argument too many; --help tells more",
			args_positional(args, most));
	return 0;
}

void args_print_help(const struct args_option *options)
{
	for (; options->name; options++) {
		char name[64];

		(void)snprintf(name, sizeof(name), "--%s%s%s", options->name, options->value ? " " : "",
			options->value ? options->value : "");
		(void)printf("  %-28s %s\n", name, options->help);
	}
}
