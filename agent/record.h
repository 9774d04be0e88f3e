/* What every kind of row in the store has in common. */
#ifndef AGENT_RECORD_H
#define AGENT_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "common/digest.h"
#include "common/error.h"
#include "manifests/package.h"
#include "manifests/version.h"

/* A sentence for people; a longer one is cut at the end of a character. */
#define STORE_TEXT_SIZE 256

struct store;

#endif
