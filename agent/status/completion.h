/* The completion report of a campaign (F24): whether this terminal has brought all of it into use, and when. */
#ifndef AGENT_STATUS_COMPLETION_H
#define AGENT_STATUS_COMPLETION_H

#include "agent/base/terminal.h"
#include "agent/status/status.h"
#include "manifests/catalog/catalog.h"

struct completion_package {
	char name[PACKAGE_NAME_SIZE];
	char version[VERSION_TEXT_SIZE]; /* in use */
	char wanted[VERSION_TEXT_SIZE];	 /* of the catalog */
	bool is_done;			 /* in use, and found to work */
	int64_t since_s;		 /* from when on; 0 where it is not done */
};

struct completion {
	int64_t campaign;
	char title[STORE_TEXT_SIZE];
	struct completion_package *packages; /* of the campaign, that this terminal runs; by priority */
	size_t count;
	bool is_complete;
	struct night_date date; /* when it was completed, in the terminal's zone; never before the first night */
};
void completion_clear(struct completion *completion);
DEFINE_AUTO(completion, struct completion, completion_clear);

/* CAMPAIGN 0: the newest one that has begun. ERROR_NOT_FOUND: the kept catalog names no such campaign, or there has
 * been no contact yet. */
WARN_UNUSED int completion_find(
	struct terminal *terminal, int64_t campaign, struct completion *ret_completion, struct error *err);

#endif
