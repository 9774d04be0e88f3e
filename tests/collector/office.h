/* Where certificates come from: the real collector over real HTTPS, with either store or behind the real nginx, and those who ask it. */
#ifndef TESTS_COLLECTOR_OFFICE_H
#define TESTS_COLLECTOR_OFFICE_H

#include "common/json.h"
#include "tests/collector/proxy.h"
#include "tests/support/test.h"

#define ENROL "/.well-known/est/simpleenroll"
#define RENEW "/.well-known/est/simplereenroll"

struct office {
	struct collector collector;
	struct proxy *proxy; /* NULL: it is asked directly */
	char output[8192]; /* of the last command */
	struct ask_answer answer;
};

/* For cmocka: *STATE is the office. */
int office_set_up(void **state);
int office_set_up_postgres(void **state);
int office_set_up_nginx(void **state);
int office_tear_down(void **state);
/* The same test once more. */
#define ON_POSTGRES(name) TEST_CASE_AGAIN(name, office_set_up_postgres, office_tear_down)
#define BEHIND_NGINX(name) TEST_CASE_AGAIN(name, office_set_up_nginx, office_tear_down)

#define COMMAND(office, ...)                                                                                         \
	collector_command(&(office)->collector, (const char *const[]){__VA_ARGS__, NULL}, (office)->output,          \
		sizeof((office)->output))

#define assert_said(office, part)                                                                                    \
	do {                                                                                                         \
		if (!strstr((office)->output, (part)))                                                               \
			fail_msg("expected '%s' in: %s", (part), (office)->output);                                  \
	} while (0)

/* A code for NAME, as it is printed. */
void office_new_code(struct office *office, const char *name, const char *institution, char ret_code[static 32]);
/* Asks for a certificate with CODE (NULL: none) and BODY; returns the status. */
long office_enrol(struct office *office, const char *code, const char *body);
/* A terminal with a certificate of ours. */
void office_enrols(struct office *office, const char *name, const char *institution, struct pki_pair *ret_pair);
long office_ask_as(struct office *office, const struct pki_pair *pair, const char *path, const char *body);
/* The last answer has this status, and PART in its body. */
void assert_office_answers(const struct office *office, long expected, const char *part);
/* A report of MAKER's is taken. */
void office_takes_report(struct office *office, struct report_maker *maker, const struct pki_pair *pair);

#endif
