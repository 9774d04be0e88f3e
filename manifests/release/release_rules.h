/* What every release must keep to, whoever made it: checked by those who pack and by those who install. */
#ifndef MANIFESTS_RELEASE_RELEASE_RULES_H
#define MANIFESTS_RELEASE_RELEASE_RULES_H

#include "common/error.h"
#include "manifests/release/release_parts.h"

/* A path inside a release: relative, without "." and "..", of names that every terminal can hold. ERROR_INPUT says
 * what is wrong with it. */
WARN_UNUSED int release_rules_check_path(const char *path, struct error *err);

/* A link at PATH that points to TARGET stays inside the release: TARGET is relative, its ".." stand in front and lead
 * no higher than the release's folder. */
WARN_UNUSED int release_rules_check_link(const char *path, const char *target, struct error *err);

/* The unit that an application runs as: a service, and none of the system's or haishin's own. ERROR_INPUT. */
WARN_UNUSED int release_rules_check_unit(const char *unit, struct error *err);

/* Its files hold the agent, where it is the agent's own package. */
WARN_UNUSED int release_rules_check_agent(const struct release *release, struct error *err);

/* Its files alone: no two are the same or differ only by case, and each stands behind the folder it is in. */
WARN_UNUSED int release_rules_check_names(const struct release *release, struct error *err);

/* The release as a whole. ERROR_INPUT names the member or file that breaks a rule, and the rule. */
WARN_UNUSED int release_rules_check(const struct release *release, struct error *err);

#endif
