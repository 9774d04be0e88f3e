#include "agent/machine/machine_fault.h"

#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

const char *machine_fault_name(enum machine_fault_kind kind)
{
	static const char *const names[] = {
#define MACHINE_NAME(enumerator, name, numbers, meaning, next) name,
		EACH_MACHINE_FAULT(MACHINE_NAME, AS_FINDING)
#undef MACHINE_NAME
	};

	return names[kind];
}

struct machine_fault *machine_add(
	struct machine *machine, enum machine_fault_kind kind, const char *place, const char *fmt, ...)
{
	static struct machine_fault one_too_many;
	struct machine_fault *fault =
		machine->count < MACHINE_FAULTS_MOST ? &machine->faults[machine->count++] : &one_too_many;
	char what[sizeof(fault->detail) - sizeof(fault->place) - 8];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	*fault = (struct machine_fault){.kind = kind};
	(void)snprintf(fault->place, sizeof(fault->place), "%s", place);
	(void)snprintf(fault->detail, sizeof(fault->detail), "%s: %s", fault->place, what);
	return fault;
}

bool machine_is_ours(const struct stat *st)
{
	return (st->st_uid == 0 || st->st_uid == geteuid()) && !(st->st_mode & S_IWOTH);
}
