/* After a fault: the questions are asked, the terminal goes on, and is asked again. */
#ifndef TESTS_PROOFS_AFTERMATH_H
#define TESTS_PROOFS_AFTERMATH_H

#include "tests/proofs/subject.h"

struct aftermath {
	bool restarts; /* the machine starts anew; otherwise only the agent does */
	bool goes_on;  /* through the next evening, to the end */
	bool runs;     /* the packages' programs run, too, before that */
	bool once;     /* each activation and confirmation is to be told once */
};

/* For subject_try(). CONTEXT is a struct aftermath. -1 with what is wrong. */
int aftermath_check(struct subject *subject, void *context, struct error *err);

#endif
