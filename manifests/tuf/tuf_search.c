#include "manifests/tuf/tuf_search.h"

#include <stdlib.h>
#include <string.h>

#include "manifests/tuf/tuf_targets.h"

/* One step of a search: a role still to be visited, and what it was reached through. */
struct visit {
	struct metadata *delegator; /* borrowed from the search */
	struct tuf_delegation delegation;
};

/* 5.6.7: pre-order, depth first, in order of appearance. */
struct search {
	struct metadata *visited[TUF_SEARCH_MAX_ROLES];
	size_t visited_count;
	struct visit *pending; /* the next one last */
	size_t pending_count;
};

static void search_clear(struct search *search)
{
	for (size_t i = 0; i < search->visited_count; i++)
		metadata_free(search->visited[i]);
	for (size_t i = 0; i < search->pending_count; i++)
		free(search->pending[i].delegation.role);
	free(search->pending);
}
DEFINE_AUTO(search, struct search, search_clear);

static void forget_pending(struct search *search)
{
	while (search->pending_count > 0)
		free(search->pending[--search->pending_count].delegation.role);
}

static bool search_has_visited(const struct search *search, const char *role)
{
	for (size_t i = 0; i < search->visited_count; i++)
		if (strcmp(search->visited[i]->role, role) == 0)
			return true;
	return false;
}

/* Adds the matching delegations of a role. A terminating one ends the list, and with it all that waits in the whole
 * tree (5.6.7.2.1). */
static int push_delegations(struct search *search, struct metadata *delegator, const char *path, struct error *err)
{
	AUTO(tuf_delegations) struct tuf_delegations found = {0};
	struct visit *pending;

	if (tuf_targets_delegations(delegator, path, &found, err) < 0)
		return -1;
	if (found.count > 0 && found.list[found.count - 1].terminating)
		forget_pending(search);
	pending = reallocarray(search->pending, search->pending_count + found.count + 1, sizeof(*pending));
	if (!pending)
		return error_set(err, ERROR_FAILED, "no memory for a search");
	search->pending = pending;
	while (found.count > 0)
		search->pending[search->pending_count++] =
			(struct visit){.delegator = delegator, .delegation = found.list[--found.count]};
	return 0;
}

/* Visits the next role that waits; it may have the target. */
static int visit_next(struct search *search, tuf_search_obtain *obtain, void *context, struct metadata **ret_role,
	struct error *err)
{
	struct visit visit = search->pending[--search->pending_count];
	AUTO(free) char *role = visit.delegation.role;
	struct tuf_reached reached = {
		.role = role,
		.by = visit.delegator->role,
		.signers = visit.delegation.signers,
	};

	*ret_role = NULL;
	if (search_has_visited(search, role))
		return 0;
	if (search->visited_count == TUF_SEARCH_MAX_ROLES)
		return error_set(
			err, ERROR_NOT_FOUND, "the search ended after %d delegated roles", TUF_SEARCH_MAX_ROLES);
	if (obtain(context, &reached, &search->visited[search->visited_count], err) < 0)
		return -1;
	*ret_role = search->visited[search->visited_count++];
	return 0;
}

int tuf_search(struct metadata *targets, bool consistent, const char *path, tuf_search_obtain *obtain, void *context,
	struct tuf_target *ret_target, struct error *err)
{
	AUTO(search) struct search search = {0};
	struct metadata *role = targets;
	bool found = false;

	for (;;) {
		if (role && tuf_targets_find(role, path, consistent, &found, ret_target, err) < 0)
			return -1;
		if (found)
			return 0;
		if (role && push_delegations(&search, role, path, err) < 0)
			return -1;
		if (search.pending_count == 0)
			return error_set(err, ERROR_NOT_FOUND, "no trusted role lists target '%.200s'", path);
		if (visit_next(&search, obtain, context, &role, err) < 0)
			return -1;
	}
}
