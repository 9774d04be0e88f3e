#include "collector/api/api_est.h"

#include <string.h>
#include <strings.h>

#include <openssl/crypto.h>

#include "collector/authority/authority_text.h"

#define CERTIFICATES_TYPE "application/pkcs7-mime; smime-type=certs-only"
#define CREDENTIALS_MOST 512
#define DAY_S 86400

bool api_est_is_for_anybody(const char *path)
{
	return strcmp(path, API_EST_PATH "cacerts") == 0 || strcmp(path, API_EST_PATH "simpleenroll") == 0;
}

/* ---- Answers ---- */

static void answer(struct exchange *exchange, struct buf *text)
{
	exchange_answer_bytes(exchange, CERTIFICATES_TYPE, text);
	exchange->is_base64 = true;
}

/* A wrong code is answered as HTTP asks for it (401). */
static void answer_error(struct exchange *exchange, const struct error *err)
{
	exchange->wants_password = err->code == ERROR_DENIED;
	exchange_answer_error(exchange, exchange->wants_password ? 401 : 0, err);
}

static bool is_here(const struct api *api, struct exchange *exchange)
{
	if (api->roster)
		return true;
	exchange_answer_text(exchange, 404, "No certificates are issued here: [authority] is not set.");
	return false;
}

void api_est_authorities(struct api *api, struct exchange *exchange)
{
	AUTO(buf) struct buf text = BUF_INIT(65536);
	struct error err = {0};

	if (!is_here(api, exchange))
		return;
	if (authority_write_own(api->roster->authority, &text, &err) < 0)
		answer_error(exchange, &err);
	else
		answer(exchange, &text);
}

static void answer_issued(struct api *api, struct exchange *exchange, const struct authority_issued *issued)
{
	AUTO(buf) struct buf text = BUF_INIT(65536);
	struct error err = {0};

	log_line(api->log, LOG_LEVEL_INFO, "certificate %s was issued to '%s'", issued->serial, issued->subject);
	if (authority_issued_write(issued, &text, &err) < 0)
		answer_error(exchange, &err);
	else
		answer(exchange, &text);
}

/* ---- The code ---- */

/* The password of "Basic base64(NAME:PASSWORD)"; the name is not looked at. */
static int read_code(const struct exchange *exchange, struct buf *ret_credentials, const char **ret_code, struct error *err)
{
	const char *header = exchange_header(exchange, "Authorization"), *colon;

	if (!header || strncasecmp(header, "Basic ", 6) != 0)
		return error_set(err, ERROR_DENIED,
			"a one-time code is asked for, as the password of HTTP's Basic authentication");
	if (authority_text_read(header + 6, strlen(header + 6), ret_credentials, err) < 0 ||
		memchr(ret_credentials->data, '\0', ret_credentials->len) ||
		!(colon = strchr(buf_text(ret_credentials), ':')))
		return error_set(err, ERROR_DENIED, "the Authorization header does not hold a name and a code");
	*ret_code = colon + 1;
	return 0;
}

/* So many tries from one address: whoever guesses codes is slow, and costs the store little. */
static bool may_try(struct api *api, struct exchange *exchange)
{
	char address[EXCHANGE_ADDRESS_SIZE], hex[SHA256_HEX_SIZE];
	struct sha256 digest;
	int64_t wait_ms;

	exchange_address(exchange, address);
	sha256_of(address, strlen(address), &digest);
	wait_ms = quota_take(api->tries, sha256_hex(&digest, hex), api->clock->monotonic_ms(api->clock));
	if (wait_ms == 0)
		return true;
	exchange->retry_after_s = wait_ms / 1000 + 1;
	exchange_answer_text(exchange, 429, "From here it was tried too often; come again later.");
	return false;
}

static int enrol(struct api *api, struct database *database, struct exchange *exchange,
	struct authority_issued *ret_issued, struct error *err)
{
	AUTO(secret) struct buf credentials = BUF_INIT(CREDENTIALS_MOST);
	AUTO(authority_request) struct authority_request request = {0};
	const char *code;

	if (read_code(exchange, &credentials, &code, err) < 0 ||
		authority_request_read(buf_text(&exchange->body), exchange->body.len, &request, err) < 0)
		return -1;
	return roster_enrol(
		api->roster, database, code, &request, api->clock->now_s(api->clock), ret_issued, err);
}

void api_est_enrol(struct api *api, struct database *database, struct exchange *exchange)
{
	AUTO(authority_issued) struct authority_issued issued = {0};
	struct error err = {0};

	if (!is_here(api, exchange) || !may_try(api, exchange))
		return;
	if (enrol(api, database, exchange, &issued, &err) < 0)
		answer_error(exchange, &err);
	else
		answer_issued(api, exchange, &issued);
}

/* ---- Renewal ---- */

static int renew(struct api *api, struct database *database, struct exchange *exchange,
	struct authority_issued *ret_issued, struct error *err)
{
	AUTO(authority_request) struct authority_request request = {0};
	AUTO(buf) struct buf der = BUF_INIT(CLIENT_DER_MOST);

	if (authority_request_read(buf_text(&exchange->body), exchange->body.len, &request, err) < 0 ||
		exchange_certificate(exchange, &der, err) < 0)
		return -1;
	return roster_renew(api->roster, database, exchange->client, &der, &request, api->clock->now_s(api->clock),
		ret_issued, err);
}

void api_est_renew(struct api *api, struct database *database, struct exchange *exchange)
{
	AUTO(authority_issued) struct authority_issued issued = {0};
	struct error err = {0};

	if (!is_here(api, exchange))
		return;
	if (renew(api, database, exchange, &issued, &err) < 0) {
		exchange->retry_after_s = err.code == ERROR_THROTTLED ? DAY_S : 0;
		answer_error(exchange, &err);
	} else {
		answer_issued(api, exchange, &issued);
	}
}
