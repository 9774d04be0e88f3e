/* What each terminal said last, while the entries go by: enough to see that it contradicts itself. */
#ifndef TOOLS_AUDIT_AUDIT_TERMINALS_H
#define TOOLS_AUDIT_AUDIT_TERMINALS_H

#include <stddef.h>
#include <stdint.h>

#include "common/auto.h"
#include "common/error.h"
#include "common/json.h"
#include "ledger/proof/ledger_entry.h"
#include "tools/audit/audit_findings.h"

struct terminals {
	struct ledger_entry *slots; /* the last entry of each, by hash of its id; those without an id are free */
	size_t slot_count;	    /* a power of two; 0 before the first */
	size_t count;
};

void terminals_clear(struct terminals *terminals);
DEFINE_AUTO(terminals, struct terminals, terminals_clear);

/* Takes the entry of this INDEX; contradictions with what its terminal said before are added to FINDINGS. The same entry
 * once more is none: a report whose answer was lost is sent again. */
WARN_UNUSED int terminals_take(struct terminals *terminals, const struct ledger_entry *entry, uint64_t index,
	struct findings *findings, struct error *err);

/* As an array of entries, to go on from another time. NULL where there is no memory. */
json_t *terminals_json(const struct terminals *terminals);
WARN_UNUSED int terminals_read(struct terminals *terminals, const json_t *array, struct error *err);

#endif
