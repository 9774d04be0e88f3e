/* What the agent says, in the words of staff, as the page draws it: each function makes one object of the answer of a method. Texts are
 * whole sentences in the reader's language, times are those of the terminal's wall. */
#ifndef TOOLS_WINDOW_PAGE_VIEW_H
#define TOOLS_WINDOW_PAGE_VIEW_H

#include "common/buf.h"
#include "common/json.h"
#include "tools/haishin/ask/client.h"
#include "tools/haishin/draw/details.h"

/* Of GetStatus; NULL where no agent answers: ALONE are the problems that were found without one then. FINDING is the doctor's last one, NULL where it was not asked. */
json_t *view_status(const json_t *status, const json_t *alone, const char *finding);

/* A step of a job, and its end. */
json_t *view_progress(const char *job, const json_t *progress);
json_t *view_result(const char *job, const json_t *result);

/* Of GetHistory, all pages of it in one array; and the same as comma-separated values, with a head line (RFC 4180, UTF-8 with the mark
 * that spreadsheet programs ask for). */
json_t *view_history(const json_t *rows);
WARN_UNUSED int view_history_csv(const json_t *rows, struct buf *ret_text, struct error *err);

/* Of GetNotes: the vendor's words, line by line. */
json_t *view_notes(const json_t *answer);

/* Of GetSettings and GetCompletion. */
json_t *view_settings(const json_t *answer);
json_t *view_completion(const json_t *answer);

/* How the doctor's walk went. HOP is one of its hops; WORST is the finding that counts (NULL: none), STATUS as for view_status(). */
json_t *view_hop(const json_t *hop);
json_t *view_finding(const json_t *worst, const json_t *status);

/* What is told for support, in the reader's words, with the times of the terminal's wall. */
const char *view_detail(const char *detail, char ret_text[static DETAILS_SIZE]);

/* Why something could not be done. */
json_t *view_error(const struct client_answer *answer);

#endif
