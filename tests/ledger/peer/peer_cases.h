/* The lines that an independent implementation exchanges with ours (README.md). */
#ifndef TESTS_LEDGER_PEER_PEER_CASES_H
#define TESTS_LEDGER_PEER_PEER_CASES_H

#include "ledger/note/span.h"
#include "ledger/tree/merkle_proof.h"

/* Prints the lines of one tree: its root, some proofs in it, and some that do not hold. */
int peer_print_tree(const struct merkle_source *source, const char *name, uint64_t size, struct error *err);

/* 0 if the line holds. */
int peer_check_line(struct span line, struct error *err);

#endif
