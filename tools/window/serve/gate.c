#include "tools/window/serve/gate.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "common/auto.h"
#include "common/hex.h"

#define SECRET_BYTES 16

static int make_secret(char ret_text[static GATE_SECRET_SIZE], struct error *err)
{
	uint8_t bytes[SECRET_BYTES];

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return error_system(err, errno, "there is no randomness for the address of the window");
	hex_encode(bytes, sizeof(bytes), ret_text);
	return 0;
}

int gate_init(struct gate *ret_gate, unsigned int port, struct error *err)
{
	*ret_gate = (struct gate){0};
	if (make_secret(ret_gate->token, err) < 0 || make_secret(ret_gate->folder, err) < 0 ||
		make_secret(ret_gate->cookie, err) < 0)
		return -1;
	(void)snprintf(ret_gate->origin, sizeof(ret_gate->origin), "http://127.0.0.1:%u", port);
	return 0;
}

/* The first bytes of TEXT are SECRET; takes as long wherever they differ. */
static bool begins_with_secret(const char *text, const char *secret)
{
	unsigned char differs = 0;

	if (strnlen(text, GATE_SECRET_SIZE) < GATE_SECRET_SIZE - 1)
		return false;
	for (size_t i = 0; i < GATE_SECRET_SIZE - 1; i++)
		differs |= (unsigned char)(text[i] ^ secret[i]);
	return differs == 0;
}

/* A name that leads here from elsewhere (another site's name server may say 127.0.0.1) is not ours. */
static bool is_host_ours(const struct gate *gate, const char *host)
{
	return host && strcmp(host, gate->origin + strlen("http://")) == 0;
}

static bool has_cookie(const struct gate *gate, const char *header)
{
	static const char name[] = GATE_COOKIE "=";

	while (header && *header) {
		header += strspn(header, "; ");
		if (strncmp(header, name, strlen(name)) == 0 &&
			begins_with_secret(header + strlen(name), gate->cookie) &&
			strchr("; ", header[strlen(name) + GATE_SECRET_SIZE - 1]))
			return true;
		header += strcspn(header, ";");
	}
	return false;
}

/* What changes something comes from our own page, as JSON: no form of another site can send that. */
static bool may_change(const struct gate *gate, const struct gate_request *request)
{
	return request->origin && strcmp(request->origin, gate->origin) == 0 && request->type &&
	       strcmp(request->type, "application/json") == 0;
}

static bool comes_from_us(const struct gate *gate, const struct gate_request *request)
{
	if (request->origin && strcmp(request->origin, gate->origin) != 0)
		return false;
	return !request->site || strcmp(request->site, "same-origin") == 0 || strcmp(request->site, "none") == 0;
}

static enum gate_answer ask_for_page(
	const struct gate *gate, const struct gate_request *request, const char *path, const char **ret_path)
{
	bool is_get = strcmp(request->method, "GET") == 0;

	if (*path != '/' || !has_cookie(gate, request->cookie) || !comes_from_us(gate, request))
		return GATE_REFUSES;
	if (!is_get && (strcmp(request->method, "POST") != 0 || !may_change(gate, request)))
		return GATE_REFUSES;
	*ret_path = path + 1;
	return GATE_LETS_PASS;
}

enum gate_answer gate_ask(struct gate *gate, const struct gate_request *request, const char **ret_path)
{
	const char *rest = request->url + GATE_SECRET_SIZE; /* a slash and a secret in front of it */

	if (!is_host_ours(gate, request->host) || *request->url != '/')
		return GATE_REFUSES;
	if (begins_with_secret(request->url + 1, gate->folder))
		return ask_for_page(gate, request, rest, ret_path);
	if (!begins_with_secret(request->url + 1, gate->token) || *rest || strcmp(request->method, "GET") != 0)
		return GATE_REFUSES;
	if (gate->is_spent)
		return GATE_IS_SPENT;
	gate->is_spent = true;
	return GATE_OPENS;
}

/* ---- The other end ---- */

/* A line of /proc/net/tcp: the number of the socket, both ends as ADDRESS:PORT, state, queues, timer, retransmissions, account. */
static bool is_line_of(const char *line, uint16_t port, uint16_t local_port, uid_t *ret_uid)
{
	unsigned int own, other, uid;

	if (sscanf(line,
		    "%*u: %*[0-9A-F]:%4X %*[0-9A-F]:%4X %*2X %*[0-9A-F]:%*[0-9A-F] %*[0-9A-F]:%*[0-9A-F] %*[0-9A-F] "
		    "%u",
		    &own, &other, &uid) != 3 ||
		own != port || other != local_port)
		return false;
	*ret_uid = uid;
	return true;
}

bool gate_find_peer(uint16_t port, uint16_t local_port, uid_t *ret_uid)
{
	static const char *const tables[] = {"/proc/net/tcp", "/proc/net/tcp6"};
	char line[512];

	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		FILE *table = fopen(tables[i], "re");
		bool found = false;

		while (table && !found && fgets(line, sizeof(line), table))
			found = is_line_of(line, port, local_port, ret_uid);
		if (table)
			(void)fclose(table);
		if (found)
			return true;
	}
	return false;
}
