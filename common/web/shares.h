/* How many connections each certificate holds at the same time, so that none can hold those of all others, from however many
 * addresses. Calls may come from several threads. */
#ifndef COMMON_WEB_SHARES_H
#define COMMON_WEB_SHARES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/auto.h"
#include "common/digest.h"
#include "common/error.h"

struct shares;

/* What a connection holds; zero until it has taken it. */
struct share {
	bool is_taken;
	struct sha256 certificate;
};

/* MOST connections of one certificate; 0: any number. */
WARN_UNUSED int shares_new(int64_t most, struct shares **ret_shares, struct error *err);
/* Nothing may be taken any more. Accepts NULL. */
void shares_free(struct shares *shares);

/* Takes one more for the connection, once; DER is its certificate. False, and nothing is taken, where there are as many already, or no
 * memory. */
bool shares_take(struct shares *shares, const void *der, size_t len, struct share *share);
/* Gives back what the connection has taken, if anything. */
void shares_give_back(struct shares *shares, struct share *share);

#endif
