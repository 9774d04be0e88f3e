/* What is asked after each fault. Each returns 0, or -1 with what is wrong. */
#ifndef TESTS_PROOFS_QUESTIONS_H
#define TESTS_PROOFS_QUESTIONS_H

#include "tests/proofs/subject.h"

/* Of the disk as it is found: every package is exactly its old or its new release, every byte as the publisher signed
 * it, and so is its way back. Where RUNS, its program really runs. */
WARN_UNUSED int questions_releases(struct subject *subject, bool runs, struct error *err);

/* Of a terminal whose agent is open: packages that need each other are both old or both new; the store says what the
 * disk says, is sound and its history is whole; nothing is left to repair; what is
 * kept across releases has the form that the current one knows. */
WARN_UNUSED int questions_agreement(struct subject *subject, struct error *err);

/* Of a terminal whose agent is open, after a whole evening without a fault: every package has come to the
 * end that its story has for it, told
 * once where ONCE, and nothing is left behind that nobody needs. */
WARN_UNUSED int questions_completion(struct subject *subject, bool once, struct error *err);

#endif
