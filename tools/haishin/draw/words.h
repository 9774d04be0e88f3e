/* What is said to staff: for each code of an error, each reason of a verdict, each state, one sentence or word in one
 * place. All are returned in the language of the moment. */
#ifndef TOOLS_HAISHIN_DRAW_WORDS_H
#define TOOLS_HAISHIN_DRAW_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

/* What to say where all else fails (F25). */
const char *words_call_centre(void);

/* What an error code means, and what to do next. */
struct words_advice {
	const char *sentence;
	const char *next;
};
void words_of_error(const char *code, struct words_advice *ret_words);

/* "up-to-date" as "Up to date". */
const char *words_of_verdict(const char *verdict);

/* Why that is the verdict, and what to do next. */
void words_of_reason(const char *reason, struct words_advice *ret_words);

/* One word or two for what stands in JSON: the state of a package, an operation or an outcome of the history, a job,
 * what a job is doing, a gate, what became of a window. What is not known is returned as it is. */
const char *words_of_state(const char *state);
const char *words_of_operation(const char *operation);
/* Whether staff are told the detail of such a row: what did not end well, and what a person did. */
bool words_tell_why(const char *operation, const char *outcome);
const char *words_of_history_outcome(const char *outcome);
const char *words_of_environment(const char *name);
const char *words_of_job(const char *kind);
const char *words_of_gate(const char *gate);
const char *words_of_window_outcome(const char *outcome);

/* What `haishin verify` finds of a file. */
const char *words_of_inspection(const char *kind);
/* Who can open a gate that is shut, and how. */
const char *words_of_opening(const char *gate);
/* Does status say of each package that waits at this gate that it is shut? */
bool words_gate_is_told(const char *gate);

/* Why this terminal got another key of its own, and what to do. */
void words_of_identity(const char *change, struct words_advice *ret_words);

/* What the doctor finds, "nothing" among it, and what to do. */
void words_of_finding(const char *finding, struct words_advice *ret_words);
/* A hop of its walk, and how it went; and all of them, NULL beyond the last, so that columns can be as wide as the
 * widest. */
const char *words_of_hop(const char *hop);
const char *words_hop_at(size_t at);
const char *words_of_hop_outcome(const char *outcome);
const char *words_hop_outcome_at(size_t at);

/* How a package stands, as support_code.h says it. */
const char *words_of_standing(const char *standing);

/* Where something comes from: "history 17", "catalog 3", "default", or FILE:LINE, which stays as it is. */
void words_of_source(const char *source, char *ret_text, size_t size);

/* A setting such as "delivery.window" as staff call it, and how its value is written; "" for what is none of them. */
const char *words_of_setting(const char *name);
const char *words_of_setting_form(const char *name);
/* Of texts by language, that in the user's, or else in English, or else any; "" where there is none. */
const char *words_in_language(const json_t *texts);

/* The name that staff know a package by; "" where it has none. */
const char *words_of_package(const char *name);

#endif
