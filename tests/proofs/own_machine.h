/* A machine that is the same each time: what the agent asks the real one for by itself, beside what is handed in to it. In a
 * program that links own_machine.c (with --wrap, see CMakeLists.txt) as much space is free as there is on a terminal's disk,
 * folders are read in the order of their names, and random bytes are those of a chance that can be repeated. */
#ifndef TESTS_PROOFS_OWN_MACHINE_H
#define TESTS_PROOFS_OWN_MACHINE_H

#include "tests/proofs/chance.h"

/* From now on random bytes are drawn from CHANCE, which is borrowed, and may be shared by processes. NULL: from the real
 * machine, as before the first call. */
void own_machine_draws_from(struct chance *chance);

#endif
