/* What enrolment keeps on disk: the wish of whoever asked for it, a key that has no certificate yet, and the certificates that
 * came, in the folder of certificates ([paths] certificates). */
#ifndef AGENT_NIGHT_ENROLMENT_FILES_H
#define AGENT_NIGHT_ENROLMENT_FILES_H

#include "agent/base/terminal.h"

#define ENROLMENT_URL_SIZE 1024
#define ENROLMENT_CODE_SIZE 256

/* What was asked for: a secret. */
struct enrolment_wish {
	char url[ENROLMENT_URL_SIZE];
	char code[ENROLMENT_CODE_SIZE];
};
/* Kept for the job, which nobody else can read; a code is on no command line of ours. */
WARN_UNUSED int enrolment_wish_keep(
	struct terminal *terminal, const char *url, const char *code, struct error *err);
/* Takes it away again. ERROR_USAGE where there is none. */
WARN_UNUSED int enrolment_wish_take(struct terminal *terminal, struct enrolment_wish *ret_wish, struct error *err);

/* The key that is waiting for its certificate, made where there is none: whoever was cut between request and answer asks for the
 * same key again. */
WARN_UNUSED int enrolment_key(struct terminal *terminal, struct buf *ret_key_pem, struct error *err);

/* Puts the certificate and that key among the terminal's own, durably, the key first; then no key waits. RET_NAME is the file's. */
#define ENROLMENT_NAME_SIZE 96
WARN_UNUSED int enrolment_install(struct terminal *terminal, const struct buf *pem, const struct buf *key_pem,
	char ret_name[static ENROLMENT_NAME_SIZE], struct error *err);

/* Removes those that enrolment put there and that ended so long ago that nobody asks for them. */
void enrolment_clean_up(struct terminal *terminal);

#endif
