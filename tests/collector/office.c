#include "tests/collector/office.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int setup_office(void **state, struct postgres *store, struct proxy *proxy)
{
	struct office *office = calloc(1, sizeof(*office));

	office->answer = (struct ask_answer){.head = BUF_INIT(65536), .body = BUF_INIT(1u << 20)};
	collector_init(&office->collector);
	if (store)
		collector_use_postgres(&office->collector, store);
	(void)snprintf(office->collector.more, sizeof(office->collector.more),
		"[role lit]\nis = operator\n"
		"subject = CN=Tanaka,O=haishin\n");
	collector_issue(&office->collector);
	office->collector.socket = proxy ? "http.sock" : NULL;
	collector_start(&office->collector);
	if ((office->proxy = proxy))
		proxy_start(proxy, (struct collector *const[]){&office->collector}, 1);
	*state = office;
	return 0;
}

int office_set_up(void **state)
{
	return setup_office(state, NULL, NULL);
}

int office_set_up_postgres(void **state)
{
	(void)postgres_number(&collector_postgres,
		"SET client_min_messages = warning; DROP SCHEMA public CASCADE; CREATE SCHEMA public; SELECT 1");
	return setup_office(state, &collector_postgres, NULL);
}

int office_set_up_nginx(void **state)
{
	static struct proxy proxy;

	return setup_office(state, NULL, &proxy);
}

int office_tear_down(void **state)
{
	struct office *office = *state;

	if (office->proxy)
		proxy_stop(office->proxy);
	collector_stop(&office->collector);
	collector_clear(&office->collector);
	ask_answer_clear(&office->answer);
	free(office);
	return 0;
}

void office_new_code(struct office *office, const char *name, const char *institution, char ret_code[static 32])
{
	AUTO(json) json_t *told = NULL;

	assert_int_equal(
		COMMAND(office, "enrol", name, "--institution", institution, "--ring", "pilot", "--json"), 0);
	assert_non_null(told = json_parse(office->output, strlen(office->output), NULL));
	(void)snprintf(ret_code, 32, "%s", json_string_value(json_object_get(told, "code")));
}

long office_enrol(struct office *office, const char *code, const char *body)
{
	struct ask *ask = collector_client(&office->collector, NULL);
	char plain[600], line[1400] = "Authorization: Basic ";
	size_t at = strlen(line);
	long status;

	if (code) {
		static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
		int len = snprintf(plain, sizeof(plain), ":%s", code);

		for (int i = 0; i < len; i += 3) {
			unsigned int bits = (unsigned int)(unsigned char)plain[i] << 16 |
					    (i + 1 < len ? (unsigned int)(unsigned char)plain[i + 1] << 8 : 0) |
					    (i + 2 < len ? (unsigned int)(unsigned char)plain[i + 2] : 0);

			line[at++] = letters[bits >> 18];
			line[at++] = letters[bits >> 12 & 63];
			line[at++] = i + 1 < len ? letters[bits >> 6 & 63] : '=';
			line[at++] = i + 2 < len ? letters[bits & 63] : '=';
		}
		line[at] = '\0';
		ask_add_header(ask, line);
	}
	ask_add_header(ask, "Content-Type: application/pkcs10");
	status = ask_for(ask, ENROL, body, strlen(body), &office->answer);
	ask_free(ask);
	return status;
}

void assert_office_answers(const struct office *office, long expected, const char *part)
{
	if (office->answer.status != expected || !strstr(buf_text(&office->answer.body), part))
		fail_msg("expected %ld with '%s', got %ld: %s", expected, part, office->answer.status,
			buf_text(&office->answer.body));
}

void office_enrols(struct office *office, const char *name, const char *institution, struct pki_pair *ret_pair)
{
	char code[32], *request = pki_request("CN=new", NULL, 0, &ret_pair->key_pem);

	office_new_code(office, name, institution, code);
	if (office_enrol(office, code, request) != 200)
		fail_msg("%s", buf_text(&office->answer.body));
	ret_pair->pem = pki_answer(buf_text(&office->answer.body), office->answer.body.len);
	assert_non_null(ret_pair->pem);
	free(request);
}

long office_ask_as(struct office *office, const struct pki_pair *pair, const char *path, const char *body)
{
	struct ask *ask = collector_client(&office->collector, pair);
	long status = ask_for(ask, path, body, body ? strlen(body) : 0, &office->answer);

	ask_free(ask);
	return status;
}

void office_takes_report(struct office *office, struct report_maker *maker, const struct pki_pair *pair)
{
	AUTO(buf) struct buf report = BUF_INIT(65536);

	report_maker_make_whole(maker, pair, pair, &report);
	(void)office_ask_as(office, pair, "/reports", buf_text(&report));
	assert_office_answers(office, 200, "receipt");
}
