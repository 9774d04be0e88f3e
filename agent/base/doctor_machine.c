#include "agent/base/doctor_machine.h"

enum doctor_finding doctor_machine_finding(enum machine_fault_kind kind)
{
	static const enum doctor_finding findings[] = {
#define MACHINE_FINDING(enumerator, name, numbers, meaning, next) FINDING_##enumerator,
		EACH_MACHINE_FAULT(MACHINE_FINDING, AS_FINDING)
#undef MACHINE_FINDING
	};

	return findings[kind];
}

static enum doctor_hop_kind place_of(enum machine_fault_kind kind)
{
	switch (kind) {
	case MACHINE_CONFIGURATION_MISSING:
	case MACHINE_CONFIGURATION_WRONG:
		return DOCTOR_HOP_CONFIGURATION;
	case MACHINE_DISK_NOT_WRITABLE:
	case MACHINE_DISK_NOEXEC:
	case MACHINE_DISK_FULL:
	case MACHINE_DISK_FILES:
		return DOCTOR_HOP_DISK;
	case MACHINE_MEMORY_LOW:
		return DOCTOR_HOP_MEMORY;
	case MACHINE_FILE_FOREIGN:
	case MACHINE_FILE_DAMAGED:
	case MACHINE_PACKAGE_ODD:
		break;
	}
	return DOCTOR_HOP_STATE;
}

static enum error_code code_of(enum machine_fault_kind kind)
{
	switch (kind) {
	case MACHINE_DISK_FULL:
	case MACHINE_DISK_FILES:
		return ERROR_NO_SPACE;
	case MACHINE_FILE_DAMAGED:
		return ERROR_DAMAGED;
	case MACHINE_CONFIGURATION_MISSING:
		return ERROR_NOT_FOUND;
	case MACHINE_CONFIGURATION_WRONG:
		return ERROR_INPUT;
	default:
		return ERROR_MACHINE;
	}
}

static void tell_fault(const struct machine_fault *fault, doctor_take *take, void *context)
{
	struct error why = {0};
	struct doctor_hop hop;

	doctor_hop_begin(&hop, place_of(fault->kind), "%s", fault->place);
	(void)error_set(&why, code_of(fault->kind), "%s", fault->detail);
	doctor_hop_blame(&hop, fault->kind == MACHINE_MEMORY_LOW ? DOCTOR_WARNING : DOCTOR_FAILED,
		doctor_machine_finding(fault->kind), &why);
	take(context, &hop);
}

void doctor_machine_tell(const struct config *config, const struct machine *machine, doctor_take *take, void *context)
{
	const struct {
		enum doctor_hop_kind at;
		const char *subject;
	} sound[] = {{DOCTOR_HOP_DISK, config->packages_path}, {DOCTOR_HOP_STATE, config->state_path},
		{DOCTOR_HOP_MEMORY, ""}};
	struct doctor_hop hop;

	for (size_t i = 0; i < machine->count; i++)
		if (place_of(machine->faults[i].kind) == DOCTOR_HOP_CONFIGURATION)
			tell_fault(&machine->faults[i], take, context);
	for (size_t s = 0; s < ARRAY_SIZE(sound); s++) {
		bool any = false;

		for (size_t i = 0; i < machine->count; i++)
			if (place_of(machine->faults[i].kind) == sound[s].at) {
				tell_fault(&machine->faults[i], take, context);
				any = true;
			}
		doctor_hop_begin(&hop, sound[s].at, "%s", sound[s].subject);
		if (!any)
			take(context, &hop);
	}
}
