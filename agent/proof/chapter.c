#include "agent/proof/chapter.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "agent/proof/terminal_key.h"
#include "agent/store/history.h"
#include "agent/store/history_chain.h"
#include "agent/store/store.h"
#include "agent/store/store_query.h"
#include "common/text.h"

static void read_row(struct query *query, struct chapter_row *row)
{
	row->number = query_number(query, 0);
	row->first_row = query_number(query, 1);
	row->since_s = query_number(query, 2);
	query_text(query, 3, row->environment, sizeof(row->environment));
	query_text(query, 4, row->institution_code, sizeof(row->institution_code));
	query_text(query, 5, row->certificate, sizeof(row->certificate));
}

DEFINE_EACH_ROW(struct chapter_row, read_row);

int chapter_each(struct store *store, int (*each)(void *context, const struct chapter_row *row, struct error *err),
	void *context, struct error *err)
{
	AUTO(query) struct query *query = store_query(store, STATEMENT_CHAPTER_LIST, err);

	return each_row(query, each, context, err);
}

static int take_last(void *context, const struct chapter_row *row, struct error *err)
{
	(void)err;
	*(struct chapter_row *)context = *row;
	return 0;
}

int chapter_environment(struct terminal *terminal, char ret_name[static ENVIRONMENT_NAME_SIZE], struct error *err)
{
	struct chapter_row last = {0};

	if (chapter_each(terminal->store, take_last, &last, err) < 0)
		return -1;
	(void)snprintf(ret_name, ENVIRONMENT_NAME_SIZE, "%s", *last.environment ? last.environment : ENVIRONMENT_PRODUCTION);
	return 0;
}

static int put(struct store *store, const struct chapter_row *row, struct error *err)
{
	AUTO(query) struct query *query = store_query(store, STATEMENT_CHAPTER_ADD, err);

	query_bind_number(query, 1, row->number);
	query_bind_number(query, 2, row->first_row);
	query_bind_number(query, 3, row->since_s);
	query_bind_text(query, 4, row->environment);
	query_bind_text(query, 5, row->institution_code);
	query_bind_text(query, 6, row->certificate);
	return query_run(query, err);
}

/* The terminal in whose place this one stands, as its certificate says; "" where that is itself. */
static const char *former_of(struct terminal *terminal, const struct certificate *certificate)
{
	AUTO(signer) struct signer *own = terminal_key_load(terminal, NULL);

	if (!certificate || !*certificate->former || (own && strcmp(signer_key_id(own), certificate->former) == 0))
		return "";
	return certificate->former;
}

static int begin(struct store *store, struct chapter_row *row, const char *former, struct error *err)
{
	char detail[STORE_TEXT_SIZE];
	struct history_entry entry = {.operation = "chapter", .outcome = "done", .detail = detail};
	struct history_chain head;

	(void)snprintf(detail, sizeof(detail),
		"chapter %" PRId64 ": environment %s, institution code %s, client certificate %s%s%s", row->number,
		row->environment, *row->institution_code ? row->institution_code : "not set",
		*row->certificate ? row->certificate : "not shown yet",
		*former ? ", in place of terminal " : "", former);
	if (history_add(store, &entry, err) < 0 || history_head(store, &head, err) < 0)
		return -1;
	row->first_row = head.number;
	row->since_s = store_now_s(store);
	return put(store, row, err);
}

/* The certificate of another institution or environment is not ours any more; which one is, is seen when it is shown. */
static void set_certificate(
	const struct chapter_row *last, const struct certificate *certificate, struct chapter_row *row)
{
	if (certificate && certificate->name)
		(void)sha256_hex(&certificate->digest, row->certificate);
	else if (!certificate && strcmp(last->environment, row->environment) == 0 &&
		 strcmp(last->institution_code, row->institution_code) == 0)
		text_assign(row->certificate, last->certificate);
}

/* A certificate that is shown for the first time begins a chapter too: from then on it is known whose it is. */
static bool is_same(const struct chapter_row *a, const struct chapter_row *b)
{
	return strcmp(a->environment, b->environment) == 0 && strcmp(a->institution_code, b->institution_code) == 0 &&
	       strcmp(a->certificate, b->certificate) == 0;
}

/* What holds now, but for the certificate. */
static int look(struct terminal *terminal, struct chapter_row *ret_last, struct chapter_row *ret_row, struct error *err)
{
	if (chapter_each(terminal->store, take_last, ret_last, err) < 0)
		return -1;
	ret_row->number = ret_last->number + 1;
	record_text(terminal->config->environment, ret_row->environment, sizeof(ret_row->environment));
	record_text(terminal->config->institution_code, ret_row->institution_code, sizeof(ret_row->institution_code));
	return 0;
}

static int note(struct terminal *terminal, const struct certificate *certificate, struct error *err)
{
	struct chapter_row last = {0}, row = {0};

	if (look(terminal, &last, &row, err) < 0)
		return -1;
	set_certificate(&last, certificate, &row);
	return is_same(&last, &row) ? 0 : begin(terminal->store, &row, former_of(terminal, certificate), err);
}

int chapter_note(struct terminal *terminal, const struct certificate *certificate, struct error *err)
{
	if (store_begin(terminal->store, err) < 0)
		return -1;
	return store_end(terminal->store, note(terminal, certificate, err), err);
}

int chapter_begin(struct terminal *terminal, const char *former, struct error *err)
{
	struct chapter_row last = {0}, row = {0};

	if (look(terminal, &last, &row, err) < 0)
		return -1;
	text_assign(row.certificate, last.certificate);
	return begin(terminal->store, &row, former, err);
}
