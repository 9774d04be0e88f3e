#include "agent/machine/machine.h"

#include <stdlib.h>

#include "agent/machine/machine_disks.h"
#include "agent/machine/machine_files.h"
#include "agent/machine/machine_memory.h"
#include "agent/machine/machine_packages.h"

static int by_kind(const void *a, const void *b)
{
	const struct machine_fault *left = a, *right = b;

	return (int)left->kind - (int)right->kind;
}

void machine_look(const struct machine_question *question, struct machine *ret_machine)
{
	*ret_machine = (struct machine){0};
	machine_look_at_settings(question, ret_machine);
	machine_look_at_disks(question, ret_machine);
	machine_look_at_files(question, ret_machine);
	machine_look_at_packages(question, ret_machine);
	machine_look_at_memory(question, ret_machine);
	qsort(ret_machine->faults, ret_machine->count, sizeof(*ret_machine->faults), by_kind);
}

const struct machine_fault *machine_stops_delivery(const struct machine *machine)
{
	for (size_t i = 0; i < machine->count; i++)
		if (machine->faults[i].stops_delivery)
			return &machine->faults[i];
	return NULL;
}
