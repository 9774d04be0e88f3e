#include "common/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	int exit_status;
} codes[ERROR_CODES] = {[ERROR_NONE] = {"none", 0},
#define ERROR_ROW(enumerator, name, exit_status, meaning, next) [ERROR_##enumerator] = {name, exit_status},
	EACH_ERROR_CODE(ERROR_ROW)
#undef ERROR_ROW
};

static enum error_code code_of_errno(int sys)
{
	switch (sys) {
	case ENOENT:
		return ERROR_NOT_FOUND;
	case ENOSPC:
	case EDQUOT:
		return ERROR_NO_SPACE;
	default:
		return ERROR_FAILED;
	}
}

PRINTF_LIKE(4, 0)
static void set(struct error *err, enum error_code code, int sys, const char *fmt, va_list args)
{
	err->code = code;
	err->sys = sys;
	err->retry_after_s = 0;
	(void)vsnprintf(err->text, sizeof(err->text), fmt, args);
}

int(error_set)(struct error *err, enum error_code code, const char *fmt, ...)
{
	va_list args;

	if (!err)
		return -1;
	va_start(args, fmt);
	set(err, code, 0, fmt, args);
	va_end(args);
	return -1;
}

int(error_system)(struct error *err, int sys, const char *fmt, ...)
{
	va_list args;
	size_t used;

	if (!err)
		return -1;
	va_start(args, fmt);
	set(err, code_of_errno(sys), sys, fmt, args);
	va_end(args);
	used = strlen(err->text);
	(void)snprintf(err->text + used, sizeof(err->text) - used, ": %s", strerrordesc_np(sys));
	return -1;
}

int(error_context)(struct error *err, const char *fmt, ...)
{
	char inner[sizeof(err->text)];
	va_list args;
	size_t used;

	if (!err)
		return -1;
	memcpy(inner, err->text, sizeof(inner));
	va_start(args, fmt);
	(void)vsnprintf(err->text, sizeof(err->text), fmt, args);
	va_end(args);
	used = strlen(err->text);
	(void)snprintf(err->text + used, sizeof(err->text) - used, ": %s", inner);
	return -1;
}

const char *error_code_name(enum error_code code)
{
	return (size_t)code < ERROR_CODES ? codes[code].name : "failed";
}

enum error_code error_code_of_name(const char *name)
{
	for (size_t code = 0; name && code < ERROR_CODES; code++)
		if (strcmp(codes[code].name, name) == 0)
			return (enum error_code)code;
	return ERROR_FAILED;
}

int error_exit_status(enum error_code code)
{
	return (size_t)code < ERROR_CODES ? codes[code].exit_status : 1;
}
