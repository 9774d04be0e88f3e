#include "collector/api/turns.h"

#include <stdio.h>
#include <string.h>

#define TRY_AGAIN_S 1

static enum role_kind role_of(const struct exchange *exchange)
{
	return exchange->client ? exchange->client->role : ROLE_TERMINAL;
}

static void name_asker(struct exchange *exchange)
{
	const struct client *client = exchange->client;

	if (!client)
		exchange_address(exchange, exchange->asker);
	else
		(void)snprintf(exchange->asker, sizeof(exchange->asker), "%s",
			client->role == ROLE_VENDOR ? client->rules->name : client->fingerprint);
}

static bool is_same(const struct exchange *left, const struct exchange *right)
{
	return role_of(left) == role_of(right) && strcmp(left->asker, right->asker) == 0;
}

static bool is_at_work(const struct turns *turns, const struct exchange *asker)
{
	for (size_t i = 0; i < TURNS_PLACES; i++)
		if (turns->at_work[i] && is_same(turns->at_work[i], asker))
			return true;
	return false;
}

/* The round behind the asker's last question; one who has none begins with those whose turn it is now. */
static uint64_t find_round(const struct turns *turns, const struct exchange *asker)
{
	uint64_t round = turns->round + is_at_work(turns, asker);

	for (const struct exchange *at = turns->first; at; at = at->following)
		if (is_same(at, asker))
			round = at->round + 1;
	return round;
}

static int check_share(const struct turns *turns, const struct exchange *asker, struct error *err)
{
	size_t own = 0, of_role = 0;

	for (const struct exchange *at = turns->first; at; at = at->following) {
		own += is_same(at, asker);
		of_role += role_of(at) == role_of(asker);
	}
	if (own >= TURNS_OF_ONE)
		(void)error_set(err, ERROR_BUSY, "%d questions of yours wait; ask again when they are answered", TURNS_OF_ONE);
	else if (of_role >= TURNS_OF_ROLE)
		(void)error_set(err, ERROR_BUSY, "too many questions wait; ask again in a moment");
	else
		return 0;
	err->retry_after_s = TRY_AGAIN_S;
	return -1;
}

int turns_add(struct turns *turns, struct exchange *exchange, struct error *err)
{
	struct exchange **at = &turns->first;

	name_asker(exchange);
	if (check_share(turns, exchange, err) < 0)
		return -1;
	exchange->round = find_round(turns, exchange);
	while (*at && (*at)->round <= exchange->round)
		at = &(*at)->following;
	exchange->following = *at;
	*at = exchange;
	return 0;
}

struct exchange *turns_take(struct turns *turns, size_t place)
{
	struct exchange **at = &turns->first, *taken;

	while (*at && is_at_work(turns, *at))
		at = &(*at)->following;
	if (!(taken = *at))
		return NULL;
	*at = taken->following;
	if (taken->round > turns->round)
		turns->round = taken->round;
	return turns->at_work[place] = taken;
}

void turns_end(struct turns *turns, size_t place)
{
	turns->at_work[place] = NULL;
}
