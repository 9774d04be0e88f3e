#include "collector/ledger/witnesses.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/ledger/requests.h"
#include "common/text.h"
#include "ledger/note/cosignature.h"
#include "ledger/proof/add_checkpoint.h"

/* So often one witness is asked about one checkpoint: its size may be another than we knew, twice. */
#define TRIES_MOST 4
/* A cosignature proves when something was logged: one by a clock that is further off would make that untrue. */
#define CLOCKS_MAY_DIFFER_S 86400

enum step { STEP_NONE, STEP_ASKED, STEP_LOOKED };

/* One witness: what is known of it, and how far it is with the present question. */
struct seat {
	const struct policy_member *member;
	uint64_t size; /* that it has cosigned, as far as we know */
	enum step step;
	int tries;
	bool has_cosigned, is_undisputed;
	uint64_t claim; /* the size that it says to have cosigned; 0: it does not */
	char trouble[REQUEST_TROUBLE_SIZE];
};

struct witnesses {
	const struct policy *policy;
	const struct clock *clock;
	struct requests *requests;
	struct seat seats[POLICY_MAX_WITNESSES];
	struct request list[POLICY_MAX_WITNESSES]; /* each of the seat of its number */
	size_t count;

	/* While they are asked. */
	struct ledger_log *log;
	struct witnesses_answer *answer;
	struct error contradiction;
};

/* ---- Requests ---- */

static void write_url(const struct seat *seat, const char *path, struct request *request)
{
	size_t len = strlen(seat->member->url);

	while (len > 0 && seat->member->url[len - 1] == '/')
		len--;
	(void)snprintf(request->url, sizeof(request->url), "%.*s/%s", (int)len, seat->member->url, path);
}

/* Asks for the cosignature, from the size that the witness has. */
static int ask(struct witnesses *witnesses, struct seat *seat, struct request *request, struct error *err)
{
	struct add_checkpoint question = {
		.old_size = seat->size,
		.checkpoint = ledger_log_newest_note(witnesses->log),
	};

	seat->step = STEP_ASKED;
	seat->tries++;
	write_url(seat, "add-checkpoint", request);
	buf_empty(&request->body);
	if (ledger_log_prove_growth(
		    witnesses->log, seat->size, ledger_log_newest(witnesses->log)->size, &question.path, err) < 0)
		return -1;
	return add_checkpoint_write(&question, &request->body, err);
}

static enum request_verdict ask_again(struct witnesses *witnesses, struct seat *seat, struct request *request)
{
	struct error err;

	return ask(witnesses, seat, request, &err) == 0 ? REQUEST_AGAIN : REQUEST_DONE;
}

/* Has the witness show what it has cosigned last. */
static enum request_verdict look(struct witnesses *witnesses, struct seat *seat, struct request *request)
{
	const char *origin = ledger_log_key(witnesses->log)->name;
	char hex[SHA256_HEX_SIZE], path[SHA256_HEX_SIZE + 16];
	struct sha256 digest;

	seat->step = STEP_LOOKED;
	sha256_of(origin, strlen(origin), &digest);
	(void)snprintf(path, sizeof(path), "%s/checkpoint", sha256_hex(&digest, hex));
	write_url(seat, path, request);
	buf_empty(&request->body);
	return REQUEST_AGAIN;
}

/* ---- Answers ---- */

static int check_clock(const struct witnesses *witnesses, int64_t time_s, struct error *err)
{
	int64_t now_s = witnesses->clock->now_s(witnesses->clock);
	char text[CLOCK_TEXT_SIZE];

	if (time_s >= now_s - CLOCKS_MAY_DIFFER_S && time_s <= now_s + CLOCKS_MAY_DIFFER_S)
		return 0;
	return error_set(err, ERROR_REFUSED, "its clock, or ours, is wrong: it says %s", clock_text(time_s, text));
}

/* Keeps one line of this witness, if all of its cosignatures hold: however many there are, the checkpoint stays one that everybody
 * can read. */
static int take_line(struct witnesses *witnesses, const struct seat *seat, struct span lines, struct error *err)
{
	struct span newest = ledger_log_newest_note(witnesses->log);
	AUTO(buf) struct buf text = BUF_INIT(NOTE_MAX_BYTES);
	const struct vkey *key = &seat->member->key;
	struct note note;
	int64_t time_s;

	if (buf_append(&text, newest.at, newest.len, err) < 0 || buf_append(&text, lines.at, lines.len, err) < 0 ||
		note_parse((struct span){text.data, text.len}, &note, err) < 0)
		return -1;
	if (cosignature_check(&note, key, &time_s) != NOTE_SIGNED)
		return error_set(err, ERROR_REFUSED, "its cosignature does not hold");
	if (check_clock(witnesses, time_s, err) < 0)
		return -1;
	for (size_t i = 0; i < note.count; i++)
		if (span_is(note.signatures[i].name, key->name) &&
			memcmp(note.signatures[i].id, key->id, VKEY_ID_BYTES) == 0)
			return buf_append(&witnesses->answer->lines, note.signatures[i].line.at,
				note.signatures[i].line.len, err);
	return 0;
}

static bool is_enough(const struct witnesses *witnesses)
{
	uint64_t cosigned = 0;

	for (size_t i = 0; i < witnesses->count; i++)
		if (witnesses->seats[i].has_cosigned)
			cosigned |= (uint64_t)1 << (witnesses->seats[i].member - witnesses->policy->members);
	return policy_is_satisfied(witnesses->policy, cosigned);
}

static enum request_verdict take_cosignature(
	struct witnesses *witnesses, struct seat *seat, const struct request *request)
{
	struct error err;

	if (take_line(witnesses, seat, (struct span){buf_text(&request->answer), request->answer.len}, &err) < 0) {
		(void)snprintf(seat->trouble, sizeof(seat->trouble), "%.159s", err.text);
		return REQUEST_DONE;
	}
	seat->has_cosigned = seat->is_undisputed = true;
	seat->size = ledger_log_newest(witnesses->log)->size;
	return is_enough(witnesses) ? REQUEST_ENOUGH : REQUEST_DONE;
}

/* It has cosigned another size than we thought: from there it is asked again. Above ours, or at odds with ours, it has
 * to show what. */
static enum request_verdict take_conflict(struct witnesses *witnesses, struct seat *seat, struct request *request)
{
	uint64_t newest = ledger_log_newest(witnesses->log)->size, size;
	struct error err;

	if (add_checkpoint_read_conflict(
		    (struct span){buf_text(&request->answer), request->answer.len}, &size, &err) < 0) {
		(void)snprintf(seat->trouble, sizeof(seat->trouble), "%.159s", err.text);
		return REQUEST_DONE;
	}
	if (size <= newest && size != seat->size && seat->tries < TRIES_MOST) {
		seat->size = size;
		return ask_again(witnesses, seat, request);
	}
	seat->claim = size;
	return look(witnesses, seat, request);
}

/* What it shows is another history than ours: -1 with the sentence; else its size. */
static int compare(
	struct witnesses *witnesses, const struct seat *seat, const struct checkpoint *shown, struct error *err)
{
	const struct checkpoint *newest = ledger_log_newest(witnesses->log);
	struct sha256 root;

	if (shown->size > newest->size)
		return error_set(err, ERROR_DAMAGED,
			"the witness %s shows a checkpoint of %" PRIu64
			" entries that this ledger's key has signed, and the ledger has %" PRIu64
			": an older copy of its folder was put in its place; put the newer one back",
			seat->member->name, shown->size, newest->size);
	if (ledger_log_root(witnesses->log, shown->size, &root, err) < 0)
		return -1;
	if (sha256_equal(&root, &shown->root))
		return 0;
	return error_set(err, ERROR_DAMAGED,
		"the witness %s shows a checkpoint of %" PRIu64
		" entries that this ledger's key has signed, and the first %" PRIu64
		" entries of the ledger are others: an older copy of its folder was put in its place, or it was "
		"begun "
		"anew; put the former one back",
		seat->member->name, shown->size, shown->size);
}

static enum request_verdict take_look(struct witnesses *witnesses, struct seat *seat, struct request *request)
{
	struct checkpoint shown;
	struct note note;
	struct error err;

	if (request->status != 200 || checkpoint_open((struct span){buf_text(&request->answer), request->answer.len},
					      ledger_log_key(witnesses->log), &shown, &note, &err) < 0) {
		if (seat->claim)
			(void)snprintf(seat->trouble, sizeof(seat->trouble),
				"says to have cosigned %" PRIu64
				" entries, and shows no such checkpoint of this ledger",
				seat->claim);
		else
			(void)snprintf(seat->trouble, sizeof(seat->trouble), "refuses, and shows no reason");
		return REQUEST_DONE;
	}
	if (compare(witnesses, seat, &shown, &err) < 0) {
		witnesses->contradiction = err;
		return REQUEST_ENOUGH;
	}
	if (shown.size != seat->size && seat->tries < TRIES_MOST) {
		seat->size = shown.size;
		return ask_again(witnesses, seat, request);
	}
	seat->is_undisputed = true;
	(void)snprintf(seat->trouble, sizeof(seat->trouble), "refuses what follows from what it shows");
	return REQUEST_DONE;
}

static enum request_verdict take_answer(void *context, struct request *request)
{
	struct witnesses *witnesses = context;
	struct seat *seat = &witnesses->seats[request - witnesses->list];

	if (seat->step == STEP_LOOKED)
		return take_look(witnesses, seat, request);
	if (request->status == 0) {
		(void)snprintf(seat->trouble, sizeof(seat->trouble), "%s", request->trouble);
		return REQUEST_DONE;
	}
	if (request->status == 200)
		return take_cosignature(witnesses, seat, request);
	if (request->status == 409)
		return take_conflict(witnesses, seat, request);
	if (request->status == 422)
		return look(witnesses, seat, request);
	seat->is_undisputed = true;
	(void)snprintf(seat->trouble, sizeof(seat->trouble), "answers %ld: %.*s", request->status,
		(int)strcspn(buf_text(&request->answer), "\r\n"), buf_text(&request->answer));
	return REQUEST_DONE;
}

/* ---- The whole ---- */

int witnesses_open(
	const struct policy *policy, const struct clock *clock, struct witnesses **ret_witnesses, struct error *err)
{
	AUTO(witnesses) struct witnesses *witnesses = calloc(1, sizeof(*witnesses));

	if (!witnesses)
		return error_set(err, ERROR_FAILED, "no memory for the witnesses");
	witnesses->policy = policy;
	witnesses->clock = clock;
	for (size_t i = 0; i < policy->member_count; i++) {
		const struct policy_member *member = &policy->members[i];

		if (member->is_group || !*member->url)
			continue;
		witnesses->list[witnesses->count].body.limit = ADD_CHECKPOINT_MAX_BYTES;
		witnesses->list[witnesses->count].answer.limit = NOTE_MAX_BYTES;
		witnesses->seats[witnesses->count++].member = member;
	}
	if (requests_open(clock, &witnesses->requests, err) < 0)
		return -1;
	*ret_witnesses = take_ptr(&witnesses);
	return 0;
}

void witnesses_close(struct witnesses *witnesses)
{
	if (!witnesses)
		return;
	for (size_t i = 0; i < witnesses->count; i++) {
		buf_clear(&witnesses->list[i].body);
		buf_clear(&witnesses->list[i].answer);
	}
	requests_close(witnesses->requests);
	free(witnesses);
}

static int begin(struct witnesses *witnesses, struct error *err)
{
	uint64_t newest = ledger_log_newest(witnesses->log)->size;

	for (size_t i = 0; i < witnesses->count; i++) {
		struct seat *seat = &witnesses->seats[i];

		*seat = (struct seat){.member = seat->member, .size = seat->size < newest ? seat->size : newest};
		if (ask(witnesses, seat, &witnesses->list[i], err) < 0)
			return -1;
	}
	return 0;
}

/* A witness that was still looked at when time was up has said nothing. */
static void sum_up(const struct witnesses *witnesses, struct witnesses_answer *answer)
{
	uint64_t undisputed = 0;
	char missing[1024] = "";
	size_t len = 0;

	for (size_t i = 0; i < witnesses->count; i++) {
		const struct seat *seat = &witnesses->seats[i];
		const char *trouble = *seat->trouble ? seat->trouble : witnesses->list[i].trouble;

		if (seat->is_undisputed)
			undisputed |= (uint64_t)1 << (seat->member - witnesses->policy->members);
		if (!seat->has_cosigned && len < sizeof(missing))
			len += (size_t)snprintf(missing + len, sizeof(missing) - len, "%s%.64s (%s)", len ? ", " : "",
				seat->member->name, *trouble ? trouble : "no answer in time");
	}
	text_printable(missing, answer->missing, sizeof(answer->missing));
	answer->is_undisputed = policy_is_satisfied(witnesses->policy, undisputed);
	answer->is_satisfied = is_enough(witnesses);
}

int witnesses_ask(
	struct witnesses *witnesses, struct ledger_log *log, struct witnesses_answer *ret_answer, struct error *err)
{
	const struct request_care care = {
		.limit_ms = witnesses->policy->quorum < 0 ? WITNESSES_GRACE_MS : WITNESSES_PATIENCE_MS,
		.grace_ms = WITNESSES_GRACE_MS,
		.done = take_answer,
		.context = witnesses,
	};

	witnesses->log = log;
	witnesses->answer = ret_answer;
	witnesses->contradiction = (struct error){0};
	ret_answer->missing[0] = '\0';
	buf_empty(&ret_answer->lines);
	if (begin(witnesses, err) < 0 ||
		requests_send(witnesses->requests, witnesses->list, witnesses->count, &care, err) < 0)
		return -1;
	if (witnesses->contradiction.code)
		return error_set(err, witnesses->contradiction.code, "%s", witnesses->contradiction.text);
	sum_up(witnesses, ret_answer);
	return 0;
}
