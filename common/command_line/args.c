#include "common/command_line/args.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/command_line/language.h"

/* The short forms that people try first, of options that a program may have. */
static const char *long_form(const char *argument)
{
	return strcmp(argument, "-h") == 0 ? "--help" : strcmp(argument, "-V") == 0 ? "--version" : argument;
}

/* The option that ARGUMENT names, with its value behind '=' if it has one; NULL where it names none. */
static const struct args_option *find_option(
	const struct args_option *const *tables, const char *argument, const char **ret_value)
{
	size_t len;

	argument = long_form(argument);
	if (strncmp(argument, "--", 2) != 0)
		return NULL;
	argument += 2;
	len = strcspn(argument, "=");
	*ret_value = argument[len] ? argument + len + 1 : NULL;
	for (; *tables; tables++)
		for (const struct args_option *option = *tables; option->name; option++)
			if (strlen(option->name) == len && strncmp(option->name, argument, len) == 0)
				return option;
	return NULL;
}

/* A cursor over the command line. */
struct cursor {
	int at;
	bool options_ended;
	const char *argument;		  /* as it was written */
	const struct args_option *option; /* NULL: it is none */
	const char *value;		  /* of the option, which may lack one; or else the argument */
};

static bool next(const struct args *args, struct cursor *cursor)
{
	if (cursor->at < args->argc && !cursor->options_ended && strcmp(args->argv[cursor->at], "--") == 0) {
		cursor->options_ended = true;
		cursor->at++;
	}
	if (cursor->at >= args->argc)
		return false;
	cursor->argument = args->argv[cursor->at++];
	cursor->option = cursor->options_ended ? NULL : find_option(args->tables, cursor->argument, &cursor->value);
	if (!cursor->option)
		cursor->value = cursor->argument;
	else if (cursor->option->value && !cursor->value)
		cursor->value = cursor->at < args->argc ? args->argv[cursor->at++] : NULL;
	return true;
}

static int check(const struct cursor *cursor, struct error *err)
{
	if (!cursor->option && !cursor->options_ended && cursor->argument[0] == '-' && cursor->argument[1])
		return error_set(
			err, ERROR_USAGE, _("there is no option '%.80s'; --help lists them"), cursor->argument);
	if (cursor->option && cursor->option->value && !cursor->value)
		return error_set(
			err, ERROR_USAGE, _("--%s needs a value: %s"), cursor->option->name, cursor->option->value);
	if (cursor->option && !cursor->option->value && cursor->value)
		return error_set(err, ERROR_USAGE, _("--%s takes no value"), cursor->option->name);
	return 0;
}

int args_init(struct args *args, const struct args_option *const *tables, int argc, char **argv, struct error *err)
{
	struct cursor cursor = {0};

	*args = (struct args){.argc = argc, .argv = argv};
	for (size_t i = 0; tables[i]; i++) {
		assert(i < ARGS_TABLES_MOST);
		args->tables[i] = tables[i];
	}
	while (next(args, &cursor))
		if (check(&cursor, err) < 0)
			return -1;
	return 0;
}

const char *args_wrong(const struct args *args)
{
	struct cursor cursor = {0};

	while (next(args, &cursor))
		if (check(&cursor, NULL) < 0)
			return cursor.argument;
	return NULL;
}

const char *args_nth(const struct args *args, const char *name, size_t index)
{
	struct cursor cursor = {0};

	while (next(args, &cursor))
		if (cursor.option && strcmp(cursor.option->name, name) == 0 && index-- == 0)
			return cursor.value ? cursor.value : "";
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
		return error_set(err, ERROR_USAGE, _("--%s is missing; --help tells more"), name);
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
		return error_set(err, ERROR_USAGE, _("--%s '%.40s' is not a number from %lld to %lld"), name, text,
			(long long)lowest, (long long)highest);
	*ret_value = value;
	return 0;
}

const char *args_positional(const struct args *args, size_t index)
{
	struct cursor cursor = {0};

	while (next(args, &cursor))
		if (!cursor.option && index-- == 0)
			return cursor.value;
	return NULL;
}

int args_want_positional(const struct args *args, size_t least, size_t most, const char *what, struct error *err)
{
	size_t count = 0;

	while (args_positional(args, count))
		count++;
	if (count < least)
		return error_set(err, ERROR_USAGE, _("%s is missing; --help tells more"), what);
	if (count > most)
		return error_set(err, ERROR_USAGE, _("'%.80s' is one argument too many; --help tells more"),
			args_positional(args, most));
	return 0;
}

void args_print_help(const struct args_option *options)
{
	for (; options->name; options++) {
		char name[64];

		(void)snprintf(name, sizeof(name), "--%s%s%s", options->name, options->value ? " " : "",
			options->value ? options->value : "");
		(void)printf("  %-28s %s\n", name, _(options->help));
	}
}
