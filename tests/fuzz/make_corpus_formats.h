/* The seeds of the targets whose formats are not the trust metadata. */
#ifndef TESTS_FUZZ_MAKE_CORPUS_FORMATS_H
#define TESTS_FUZZ_MAKE_CORPUS_FORMATS_H

#include "tests/support/folder.h"

void make_corpus_formats(const struct folder *corpus);

#endif
