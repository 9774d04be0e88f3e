/* What somebody with a good client certificate may send in place of a report. */
#ifndef TESTS_COLLECTOR_HOSTILE_BODIES_H
#define TESTS_COLLECTOR_HOSTILE_BODIES_H

#include <stddef.h>

#include "tests/support/report_maker.h"

#define HOSTILE_BODIES 55

/* Body NUMBER, below HOSTILE_BODIES: what is no report, a good one of MAKER that was changed, or too much of anything. */
void hostile_body(size_t number, struct report_maker *maker, struct buf *ret_body);

#endif
