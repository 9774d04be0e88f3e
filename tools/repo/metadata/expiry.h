/* Warns of metadata that will expire: at 90, 30 and 7 days before, as far as its life is that long. */
#ifndef TOOLS_REPO_METADATA_EXPIRY_H
#define TOOLS_REPO_METADATA_EXPIRY_H

#include <stdint.h>

#include "common/json.h"

/* What is due for a document that expires at EXPIRES_S and was made for LIFETIME_S: 0 nothing yet, else 90, 30 or 7
 * (days), or -1 where it has expired. A document made for less than twice such a span is only warned of in the last
 * half of its life. */
int expiry_level(int64_t expires_s, int64_t lifetime_s, int64_t now_s);

#endif
