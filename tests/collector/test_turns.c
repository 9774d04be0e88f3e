/* Whose question is answered next. */
#include "collector/api/turns.h"
#include "tests/support/test.h"

/* A to Z ask. */
static struct client clients['Z' + 1];
static const struct config_role acme = {.name = "acme", .kind = ROLE_VENDOR};

static const struct client *client_of(char letter)
{
	struct client *client = &clients[(unsigned char)letter];

	client->fingerprint[0] = letter;
	if (client->role == ROLE_TERMINAL)
		client->role = ROLE_OPERATOR;
	return client;
}

static int set_up(void **state)
{
	static struct turns turns;

	turns = (struct turns){0};
	memset(clients, 0, sizeof(clients));
	*state = &turns;
	return 0;
}

/* Each letter of ASKERS asks once; the questions are kept in ROOM. */
static void ask(struct turns *turns, struct exchange *room, const char *askers)
{
	struct error err = {0};

	for (size_t i = 0; askers[i]; i++) {
		room[i] = (struct exchange){.client = client_of(askers[i])};
		assert_ok(turns_add(turns, &room[i], &err), &err);
	}
}

/* All that can be answered at PLACE, one after the other, is that of ORDER. */
static void assert_answers(struct turns *turns, size_t place, const char *order)
{
	struct exchange *next;

	for (; (next = turns_take(turns, place)); order++) {
		assert_int_equal(next->client->fingerprint[0], *order);
		turns_end(turns, place);
	}
	assert_int_equal(*order, '\0');
}

TEST_CASE(test_each_ones_first_question_comes_before_anybodys_second)
{
	struct exchange room[16];

	ask(*state, room, "AAAABBC");
	assert_answers(*state, 0, "ABCABAA");
}

TEST_CASE(test_one_who_comes_later_has_not_missed_its_turn)
{
	struct exchange room[16], late[2];

	ask(*state, room, "AAAAAA");
	for (int i = 0; i < 3; i++) {
		assert_non_null(turns_take(*state, 0));
		turns_end(*state, 0);
	}
	ask(*state, late, "BB");
	assert_answers(*state, 0, "BABAA");
}

TEST_CASE(test_one_who_asks_again_at_once_waits_behind_the_others)
{
	struct exchange room[4], again[1];

	ask(*state, room, "ABC");
	assert_ptr_equal(turns_take(*state, 0), &room[0]);
	ask(*state, again, "A");
	turns_end(*state, 0);
	assert_answers(*state, 0, "BCA");
}

TEST_CASE(test_nobody_has_all_places)
{
	struct turns *turns = *state;
	struct exchange room[4];

	ask(turns, room, "AAAB");
	assert_ptr_equal(turns_take(turns, 0), &room[0]);
	assert_answers(turns, 1, "B");
	turns_end(turns, 0);
	assert_answers(turns, 1, "AA");
}

TEST_CASE(test_all_certificates_of_a_vendor_are_one_asker)
{
	struct exchange room[8];

	for (const char *letter = "AB"; *letter; letter++)
		clients[(unsigned char)*letter] = (struct client){.role = ROLE_VENDOR, .rules = &acme};
	ask(*state, room, "ABABC");
	assert_answers(*state, 0, "ACBAB");
}

TEST_CASE(test_who_has_too_many_waiting_is_told_so_and_others_are_let_in)
{
	struct exchange room[TURNS_OF_ONE + 1], other[1];
	struct error err = {0};

	for (size_t i = 0; i < TURNS_OF_ONE; i++)
		ask(*state, &room[i], "A");
	room[TURNS_OF_ONE] = (struct exchange){.client = client_of('A')};
	assert_int_equal(turns_add(*state, &room[TURNS_OF_ONE], &err), -1);
	assert_error(&err, ERROR_BUSY, "32 questions of yours wait");
	assert_int_equal(err.retry_after_s, 1);
	ask(*state, other, "B");
}

TEST_CASE(test_a_crowd_of_terminals_leaves_room_for_the_operator)
{
	static struct exchange crowd[TURNS_OF_ROLE + 1];
	static struct client terminals[TURNS_OF_ROLE + 1];
	struct exchange operator[1];
	struct error err = {0};

	for (size_t i = 0; i <= TURNS_OF_ROLE; i++) {
		terminals[i].fingerprint[0] = (char)(i % 100 + 1);
		terminals[i].fingerprint[1] = (char)(i / 100 + 1);
		crowd[i] = (struct exchange){.client = &terminals[i]};
		if (i < TURNS_OF_ROLE)
			assert_ok(turns_add(*state, &crowd[i], &err), &err);
	}
	assert_int_equal(turns_add(*state, &crowd[TURNS_OF_ROLE], &err), -1);
	assert_error(&err, ERROR_BUSY, "too many questions wait");
	ask(*state, operator, "A");
}

TESTS(set_up, NULL)
