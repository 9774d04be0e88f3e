/* What is in no frame: folders, and files without content. */
#ifndef UPDATER_STAGE_ENTRIES_H
#define UPDATER_STAGE_ENTRIES_H

#include "common/error.h"
#include "updater/tree/needs.h"
#include "updater/tree/tree.h"

/* Makes those that are missing, before anything else is put into them; nothing where it was called before.
 * ERROR_REFUSED where an empty file's digest is not that of nothing. */
WARN_UNUSED int entries_make(struct tree *tree, struct needs *needs, struct error *err);

#endif
