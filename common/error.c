#include "common/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/auto.h"

static const struct {
	const char *name;
	int exit_status;
} codes[] = {
	[ERROR_NONE] = {"none", 0},
	[ERROR_FAILED] = {"failed", 1},
	[ERROR_USAGE] = {"usage", 2},
	[ERROR_NOT_FOUND] = {"not-found", 3},
	[ERROR_INPUT] = {"input", 1},
	[ERROR_DISABLED] = {"disabled", 4},
	[ERROR_THROTTLED] = {"throttled", 5},
	[ERROR_REFUSED] = {"refused", 7},
	[ERROR_ALTERED] = {"altered", 7},
	[ERROR_NETWORK] = {"network", 8},
	[ERROR_SERVER] = {"server", 8},
	[ERROR_CERTIFICATE] = {"certificate", 8},
	[ERROR_NO_SPACE] = {"no-space", 9},
	[ERROR_DAMAGED] = {"damaged", 1},
	[ERROR_STOPPED] = {"stopped", 75},
	[ERROR_BUSY] = {"busy", 75},
	[ERROR_DENIED] = {"denied", 1},
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
	return (size_t)code < ARRAY_SIZE(codes) ? codes[code].name : "failed";
}

int error_exit_status(enum error_code code)
{
	return (size_t)code < ARRAY_SIZE(codes) ? codes[code].exit_status : 1;
}
