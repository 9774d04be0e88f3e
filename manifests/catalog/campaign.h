/* A campaign, a signed delivery period (F3), and a service that asks for versions of packages (F22): what the
 * catalog lists beside packages. */
#ifndef MANIFESTS_CATALOG_CAMPAIGN_H
#define MANIFESTS_CATALOG_CAMPAIGN_H

#include <stddef.h>
#include <stdint.h>

#include "manifests/catalog/night_date.h"

#define CATALOG_MAX_CAMPAIGNS 64
#define CATALOG_MAX_NIGHTS_LEFT_OUT 366
#define CATALOG_MAX_SERVICES 64
#define CATALOG_MAX_TITLE_BYTES 200 /* of a campaign or a service */

/* What holds once a campaign's last night is over (F3). */
enum campaign_afterwards {
	CAMPAIGN_AFTERWARDS_NIGHTLY, /* every night, in the usual window */
	CAMPAIGN_AFTERWARDS_ALL_DAY, /* at any hour */
	CAMPAIGN_AFTERWARDS_NONE,    /* no more delivery for it */
};

struct campaign {
	int64_t number;	       /* such as 150 (F24) */
	const char *title;     /* for people; may be empty */
	const char **packages; /* names it delivers; empty: all */
	size_t packages_count;
	struct night_date first_night;
	struct night_date last_night;
	const char *window; /* such as "20:00-05:00" (scheduler/window.h reads it); NULL: the terminal's own */
	struct night_date *left_out; /* nights on which nothing is delivered (F3) */
	size_t left_out_count;
	enum campaign_afterwards afterwards;
};

/* A service that asks for lowest versions of several packages at once (F22), such as e-prescription. */
struct catalog_requirement {
	const char *package;
	const char *version;
};
struct catalog_service {
	const char *name;  /* written as names of packages are */
	const char *title; /* for people; may be empty */
	struct catalog_requirement *requirements;
	size_t requirements_count;
};

#endif
