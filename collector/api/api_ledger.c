#include "collector/api/api_ledger.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "collector/api/api_terminals.h"
#include "collector/api/page.h"
#include "collector/ledger/delivery_certificate.h"
#include "collector/store/terminal_row.h"
#include "common/fs.h"
#include "common/web/path.h"
#include "ledger/note/base64.h"
#include "ledger/note/checkpoint.h"
#include "ledger/note/span.h"

/* A tile of entries holds 256 of them, each with its length. */
#define FILE_MOST (256 * (65536 + 2))
#define PATH_SIZE 256

/* ---- Files ---- */

static int read_file(const struct api *api, const char *path, struct buf *ret_bytes, struct error *err)
{
	AUTO(fd) int root_fd = -1;
	AUTO(fd) int fd = -1;
	struct fs fs;

	fs_init(&fs);
	if ((root_fd = fs_open_dir(&fs, AT_FDCWD, api->config->ledger_folder, err)) < 0)
		return -1;
	if ((fd = path_open(root_fd, path)) < 0)
		return error_set(err, ERROR_NOT_FOUND, "the ledger has no such file");
	return fs_read_file(&fs, root_fd, path, ret_bytes, err);
}

/* Only what is the public's: not the newest checkpoint before it is served, nor the lock. */
static bool is_public(const char *path)
{
	return strcmp(path, "checkpoint") == 0 || strncmp(path, "tile/", 5) == 0;
}

void api_ledger_file(struct api *api, struct exchange *exchange)
{
	AUTO(buf) struct buf bytes = BUF_INIT(FILE_MOST);
	const char *raw = exchange->path + strlen("/ledger");
	char path[PATH_SIZE];
	struct error err = {0};

	if (!api->scribe || !path_decode(raw, path, sizeof(path)) || !is_public(path)) {
		exchange_answer_text(exchange, 404, "The ledger has no such file.");
		return;
	}
	if (read_file(api, path, &bytes, &err) < 0) {
		exchange_answer_error(exchange, 0, &err);
		return;
	}
	exchange_answer_bytes(
		exchange, *path == 'c' ? "text/plain; charset=utf-8" : "application/octet-stream", &bytes);
	exchange->is_immutable = *path == 't';
}

/* ---- Proofs ---- */

struct question {
	struct exchange *exchange;
	struct scribe_wait wait;
};

/* Who says how far they have seen the ledger gets the members of the answer to a report. */
static void answer_json(struct exchange *exchange, const struct scribe_answer *said)
{
	AUTO(json) json_t *answer = json_object();

	(void)json_object_set_new(answer, "proof", json_string(buf_text(said->proof)));
	if (said->growth->len > 0)
		(void)json_object_set_new(answer, "consistency", json_string(buf_text(said->growth)));
	exchange_answer_json(exchange, 200, answer);
}

static void on_proof(struct scribe_wait *wait, const struct scribe_answer *said)
{
	struct question *question = wait->context;
	struct exchange *exchange = question->exchange;

	free(question);
	if (!said->proof)
		exchange_answer_text(exchange, 404,
			"No report of this digest is proven in the ledger: %s. If it was sent just now, ask later.",
			said->pending);
	else if (exchange_argument(exchange, "since"))
		answer_json(exchange, said);
	else
		exchange_answer_copy(exchange, "text/plain; charset=utf-8", said->proof->data, said->proof->len);
	exchange_done(exchange);
}

void api_ledger_proof(struct api *api, struct exchange *exchange)
{
	const char *hex = strrchr(exchange->path, '/') + 1;
	const char *since = exchange_argument(exchange, "since");
	struct question *question;
	struct sha256 digest;
	uint64_t seen = 0;

	if (since && !span_number(SPAN(since), &seen)) {
		exchange_answer_text(exchange, 400, "'since' is a number of entries.");
		return;
	}
	if (!api->scribe || sha256_parse(hex, &digest, NULL) < 0) {
		exchange_answer_text(exchange, 404, "There is no ledger, or this is no SHA-256 in hexadecimal.");
		return;
	}
	if (!(question = calloc(1, sizeof(*question)))) {
		exchange_answer_text(exchange, 503, "No memory for a question.");
		return;
	}
	question->exchange = exchange;
	question->wait = (struct scribe_wait){.digest = digest, .since = seen, .done = on_proof, .context = question};
	exchange_take_along(exchange);
	scribe_ask(api->scribe, &question->wait);
}

/* ---- What it is ---- */

#define COSIGNATURE_BYTES (VKEY_ID_BYTES + 8 + VKEY_SIGNATURE_BYTES)

/* A cosignature bears its time: eight bytes in front of the signature. The log's own signature has none. */
static json_t *signature_json(const struct note_signature *signature)
{
	unsigned char bytes[COSIGNATURE_BYTES];
	char name[VKEY_NAME_SIZE];
	int64_t time_s = 0;
	size_t len;

	if (!span_copy(signature->name, name, sizeof(name)) ||
		base64_read(signature->base64.at, signature->base64.len, bytes, sizeof(bytes), &len, NULL) < 0 ||
		len != sizeof(bytes))
		return NULL;
	for (int i = 0; i < 8; i++)
		time_s = time_s << 8 | bytes[VKEY_ID_BYTES + i];
	return JSON_OBJECT({json_text("name", name), json_take("signed", page_moment(time_s))});
}

static json_t *checkpoint_json(const struct buf *bytes, int64_t waiting, struct error *err)
{
	AUTO(json) json_t *witnesses = json_array();
	char root[SHA256_HEX_SIZE];
	struct checkpoint checkpoint;
	struct note note;

	if (note_parse((struct span){buf_text(bytes), bytes->len}, &note, err) < 0 ||
		checkpoint_parse(note.text, &checkpoint, err) < 0)
		return NULL;
	for (size_t i = 0; i < note.count; i++) {
		json_t *witness = signature_json(&note.signatures[i]);

		if (witness)
			(void)json_array_append_new(witnesses, witness);
	}
	return JSON_OBJECT({
		json_text("origin", checkpoint.origin),
		json_number("size", (int64_t)checkpoint.size),
		json_text("root", sha256_hex(&checkpoint.root, root)),
		json_number("waiting", waiting),
		json_share("witnesses", witnesses),
	});
}

json_t *api_ledger_tell(struct api *api, struct database *database, struct error *err)
{
	AUTO(buf) struct buf bytes = BUF_INIT(NOTE_MAX_BYTES);
	int64_t waiting = 0;

	if (!api->scribe) {
		(void)error_set(err, ERROR_NOT_FOUND, "no ledger is written here ([ledger] folder)");
		return NULL;
	}
	if (database_number(database, STATEMENT_UNLOGGED_COUNT, 0, &waiting, err) < 0 ||
		read_file(api, "checkpoint", &bytes, err) < 0)
		return NULL;
	return checkpoint_json(&bytes, waiting, err);
}

void api_ledger_now(struct api *api, struct database *database, struct exchange *exchange)
{
	struct error err = {0};
	AUTO(json) json_t *answer = api_ledger_tell(api, database, &err);

	if (answer)
		page_answer_object(exchange, NULL, answer);
	else
		exchange_answer_error(exchange, 0, &err);
}

/* ---- Delivery certificates ---- */

/* Whoever gets one learns which institution the terminal is of: of vendors only those who are shown that. */
static bool may_have(const struct exchange *exchange, const char *package)
{
	const struct client *client = exchange->client;

	return client->role != ROLE_VENDOR ||
	       (client->rules->shows_terminals && client_sees_package(client, package));
}

void api_ledger_certificate(struct api *api, struct database *database, struct exchange *exchange)
{
	const struct delivery_certificate_wish wish = {
		.terminal = exchange_argument(exchange, "terminal"),
		.package = exchange_argument(exchange, "package"),
		.version = exchange_argument(exchange, "version"),
	};
	AUTO(buf) struct buf text = BUF_INIT(DELIVERY_CERTIFICATE_MOST);
	AUTO(json) json_t *certificate = NULL;
	struct error err = {0};

	if (wish.package && !may_have(exchange, wish.package))
		exchange_answer_text(exchange, 403,
			"A delivery certificate names its terminal, which '%s' may not see; [role] shows_terminals, "
			"and "
			"packages, say so.",
			exchange->client->subject);
	else if (delivery_certificate_make(api->config, database, &wish, &certificate, &err) < 0 ||
		 api_terminals_note_look(api, database, exchange->client, terminal_id_of(wish.terminal), &err) < 0 ||
		 json_write_pretty(certificate, &text, &err) < 0)
		exchange_answer_error(exchange, 0, &err);
	else
		exchange_answer_bytes(exchange, "application/json", &text);
}
