/* Calls the agent over its control socket. */
#ifndef TOOLS_HAISHIN_ASK_CLIENT_H
#define TOOLS_HAISHIN_ASK_CLIENT_H

#include <stdbool.h>

#include "common/auto.h"
#include "common/buf.h"
#include "common/json.h"

#define CLIENT_CODE_SIZE 32

/* How a call ended. */
struct client_answer {
	json_t *parameters;	     /* of the answer, or of the error; may be NULL */
	char code[CLIENT_CODE_SIZE]; /* "" when well; an error_code_name(), "no-agent" or "interrupted" */
	int exit_status;
	char message[1024]; /* the error's sentence, in English */
};
void client_answer_clear(struct client_answer *answer);
DEFINE_AUTO(client_answer, struct client_answer, client_answer_clear);

/* Under which code the words for staff stand: the answer's own, or one that says more. */
const char *client_words_code(const struct client_answer *answer);

/* Takes one part of an answer that comes in parts. */
typedef void client_part(void *context, const json_t *parameters);

/* Calls METHOD of the agent and waits for the end of the answer. With PART (NULL: one answer only) it asks for parts.
 * Returns 0, or -1 with the code set. Ends early, as "interrupted", at a SIGINT that has a handler and is blocked. */
int client_call(const char *socket_path, const char *method, json_t *take_parameters, client_part *part,
	void *context, struct client_answer *ret_answer);

/* ---- For who does not wait for the end: the call goes out, and what comes is taken when it is there. ---- */

/* Sends the call, with "more", and returns the descriptor on which the answer comes; -1 with the code set. */
int client_begin(
	const char *socket_path, const char *method, json_t *take_parameters, struct client_answer *ret_answer);
/* Takes the next whole object out of what has come; NULL where there is none yet. */
json_t *client_next(struct buf *input);
/* 1: a part of the answer (its parameters are borrowed in RET_PART), and more comes; 0: that was the answer, and RET_ANSWER has it;
 * -1: an error, and RET_ANSWER has it. */
int client_take(const json_t *object, const json_t **ret_part, struct client_answer *ret_answer);
/* The agent has hung up before its answer was whole: -1, with the code set. */
int client_lost(struct client_answer *ret_answer);

#endif
