#include "agent/night/enrolment.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>

#include "agent/night/enrolment_files.h"
#include "agent/proof/chapter.h"
#include "agent/server/last_contact.h"
#include "agent/store/history.h"
#include "updater/enrol/est.h"

#define SETTING_URL "enrolment.url"
#define DAY_S INT64_C(86400)

/* ---- One certificate ---- */

static int note(struct terminal *terminal, const char *outcome, enum error_code code, const char *detail,
	struct error *err)
{
	struct history_entry entry = {.operation = "certificate", .outcome = outcome, .error = code, .detail = detail};

	return history_add(terminal->store, &entry, err);
}

/* Whose it is from now on stands in the history before the next contact does. */
static int begin_chapter(struct terminal *terminal, struct error *err)
{
	AUTO(certificate) struct certificate certificate = {0};

	return connection_choose_certificate(terminal, &certificate, err) < 0
		       ? -1
		       : chapter_note(terminal, &certificate, err);
}

/* Asks for a certificate, keeps it, and tells of it. */
static int obtain(struct terminal *terminal, struct transport *transport, struct est_order *order, const char *how,
	struct error *err)
{
	AUTO(secret) struct buf key_pem = BUF_INIT(EST_PEM_MOST);
	AUTO(buf) struct buf pem = BUF_INIT(EST_PEM_MOST);
	char name[ENROLMENT_NAME_SIZE], detail[STORE_TEXT_SIZE];

	if (enrolment_key(terminal, &key_pem, err) < 0)
		return -1;
	order->key_pem = &key_pem;
	order->time_limit_s = TRANSPORT_SMALL_S;
	if (est_ask(transport, order, &pem, err) < 0 || enrolment_install(terminal, &pem, &key_pem, name, err) < 0)
		return -1;
	(void)snprintf(detail, sizeof(detail), "%s: %s", how, name);
	log_line(terminal->env->log, LOG_LEVEL_INFO, "a client certificate came, %s: %s", how, name);
	if (note(terminal, "done", ERROR_NONE, detail, err) < 0 || begin_chapter(terminal, err) < 0)
		return -1;
	return store_drop_setting(terminal->store, SETTING_RENEWAL_TROUBLE, err);
}

/* ---- The first ---- */

static int check_url(const char *url, struct error *err)
{
	return strncmp(url, "https://", strlen("https://")) == 0
		       ? 0
		       : error_set(err, ERROR_USAGE, "'%.200s' is no address that begins with https://", url);
}

static int enrol(struct terminal *terminal, int stop_fd, const struct enrolment_wish *wish, struct error *err)
{
	const struct connection_options options = {.stop_fd = stop_fd, .is_anonymous = true};
	AUTO(connection) struct connection connection = {0};
	struct est_order order = {.url = wish->url, .code = wish->code};

	if (check_url(wish->url, err) < 0 || connection_open(terminal, &options, &connection, err) < 0 ||
		obtain(terminal, connection.direct, &order, "for a code", err) < 0)
		return -1;
	return store_set_setting(terminal->store, SETTING_URL, wish->url, err);
}

int enrolment_run(struct terminal *terminal, int stop_fd, struct error *err)
{
	struct enrolment_wish wish;
	struct error why = {0}, ignored = {0};
	int result;

	if (enrolment_wish_take(terminal, &wish, err) < 0)
		return -1;
	result = enrol(terminal, stop_fd, &wish, &why);
	OPENSSL_cleanse(&wish, sizeof(wish));
	if (result == 0)
		return 0;
	if (note(terminal, "failed", why.code, why.text, &ignored) < 0)
		log_line(terminal->env->log, LOG_LEVEL_WARNING, "%s, ignored", ignored.text);
	*err = why;
	return -1;
}

/* ---- Those that follow ---- */

static int find_url(struct terminal *terminal, struct buf *ret_url, struct error *err)
{
	if (*terminal->config->est_url)
		return buf_append(ret_url, terminal->config->est_url, strlen(terminal->config->est_url), err);
	return store_setting(terminal->store, SETTING_URL, ret_url, err);
}

static bool is_due(const struct terminal *terminal, const struct certificate *certificate)
{
	return certificate->expires_s &&
	       certificate->expires_s - terminal_now_s(terminal) <= ENROLMENT_RENEW_DAYS * DAY_S;
}

static int renew(struct terminal *terminal, const struct connection *connection, struct error *err)
{
	AUTO(buf) struct buf url = BUF_INIT(ENROLMENT_URL_SIZE);
	struct est_order order = {.bearer = buf_text(&connection->certificate.pem)};

	if (find_url(terminal, &url, err) < 0)
		return -1;
	if (!url.len)
		return error_set(err, ERROR_CERTIFICATE,
			"no server is known that renews it ([server] est_url): have a new one installed");
	order.url = buf_text(&url);
	return obtain(terminal, connection->direct, &order, "renewed", err);
}

/* Only what is new is a row of the history: it is tried every night. */
static int note_trouble(struct terminal *terminal, const struct error *why, struct error *err)
{
	AUTO(buf) struct buf former = BUF_INIT(STORE_TEXT_SIZE);
	char text[STORE_TEXT_SIZE];

	record_text(why->text, text, sizeof(text));
	if (store_setting(terminal->store, SETTING_RENEWAL_TROUBLE, &former, err) < 0)
		return -1;
	if (strcmp(buf_text(&former), text) == 0)
		return 0;
	if (note(terminal, "failed", why->code, text, err) < 0)
		return -1;
	return store_set_setting(terminal->store, SETTING_RENEWAL_TROUBLE, text, err);
}

void enrolment_renew(struct terminal *terminal, const struct connection *connection)
{
	const struct certificate *certificate = &connection->certificate;
	struct error why = {0}, err = {0};

	enrolment_clean_up(terminal);
	if (!is_due(terminal, certificate) || renew(terminal, connection, &why) == 0)
		return;
	log_line(terminal->env->log, LOG_LEVEL_WARNING,
		"the client certificate '%s' ends in %" PRId64 " days and could not be renewed: %s", certificate->name,
		(certificate->expires_s - terminal_now_s(terminal)) / DAY_S, why.text);
	if (note_trouble(terminal, &why, &err) < 0)
		log_line(terminal->env->log, LOG_LEVEL_WARNING, "%s, ignored", err.text);
}
