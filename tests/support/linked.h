/* Programs for tests, as a linker makes them: functions that call each other, addresses in tables and data, records for
 * unwinding and their index. Never run. */
#ifndef TESTS_SUPPORT_LINKED_H
#define TESTS_SUPPORT_LINKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"

#define LINKED_FUNCTIONS 400
#define LINKED_FUNCTION_SIZE 64
/* The functions from this one on stand behind the gap. */
#define LINKED_AFTER 150

/* Appends a program in which GAP bytes (a multiple of 64) were put between two functions: all that is behind them has
 * moved, and everything that refers to it. Ends the program where it cannot. */
void linked_make(struct buf *ret_program, bool is_arm, size_t gap);

/* Where a function's bytes are in the file. */
size_t linked_function(size_t index, size_t gap);

#endif
