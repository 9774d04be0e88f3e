/* A log for tests that are scripts. Its key is FOLDER.key, made when the log is begun; the origin is NAME.
 *
 *   ledger_tool create FOLDER NAME        begins it and prints its key, as policies write it
 *   ledger_tool append FOLDER NAME        appends the lines of standard input, all in one step
 *   ledger_tool request FOLDER NAME OLD   prints what it asks of a witness that has cosigned size OLD
 *   ledger_tool publish FOLDER NAME       serves its newest checkpoint with the cosignatures of standard input
 *   ledger_tool prove FOLDER NAME INDEX   prints the proof of an entry in the checkpoint that is served */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/log/ledger_log.h"
#include "ledger/proof/add_checkpoint.h"
#include "ledger/proof/tlog_proof.h"

struct tool {
	struct fs fs;
	char key_file[512];
	struct signer *signer;
	struct ledger_place place;
	const char *argument; /* the last one; NULL where there is none */
};

static int print(const struct buf *text)
{
	return fwrite(buf_text(text), 1, text->len, stdout) == text->len ? 0 : -1;
}

static int read_input(struct buf *ret_text, struct error *err)
{
	char piece[4096];
	size_t len;

	while ((len = fread(piece, 1, sizeof(piece), stdin)) > 0)
		if (buf_append(ret_text, piece, len, err) < 0)
			return -1;
	return 0;
}

static int make_key(struct tool *tool, struct error *err)
{
	AUTO(buf) struct buf pem = BUF_INIT(16384);

	if (!(tool->signer = signer_generate(KEY_ED25519, err)) || signer_write(tool->signer, NULL, &pem, err) < 0)
		return -1;
	return fs_write_file(&tool->fs, AT_FDCWD, tool->key_file, pem.data, pem.len, 0600, err);
}

static int read_key(struct tool *tool, struct error *err)
{
	AUTO(buf) struct buf pem = BUF_INIT(16384);

	if (fs_read_file(&tool->fs, AT_FDCWD, tool->key_file, &pem, err) < 0)
		return -1;
	return (tool->signer = signer_read(pem.data, pem.len, NULL, err)) ? 0 : -1;
}

static int create(struct tool *tool, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(1024);
	struct vkey key;

	if (make_key(tool, err) < 0)
		return -1;
	tool->place.signer = tool->signer;
	if (ledger_log_create(&tool->place, err) < 0 ||
		vkey_of_signer(tool->signer, tool->place.origin, VKEY_NOTE, &key, err) < 0 ||
		vkey_write(&key, &text, err) < 0 || buf_append(&text, "\n", 1, err) < 0)
		return -1;
	return print(&text);
}

static int append(struct tool *tool, struct ledger_log *log, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(1 << 24);
	static struct span entries[LEDGER_LOG_MAX_BATCH];
	struct span rest;
	size_t count = 0;
	uint64_t first;

	(void)tool;
	if (read_input(&text, err) < 0)
		return -1;
	rest = (struct span){buf_text(&text), text.len};
	while (count < LEDGER_LOG_MAX_BATCH && span_take_line(&rest, &entries[count]))
		count++;
	return ledger_log_append(log, entries, count, &first, err);
}

static int request(struct tool *tool, struct ledger_log *log, struct error *err)
{
	AUTO(buf) struct buf body = BUF_INIT(ADD_CHECKPOINT_MAX_BYTES);
	struct add_checkpoint asked = {
		.old_size = strtoull(tool->argument, NULL, 10),
		.checkpoint = ledger_log_newest_note(log),
	};

	if (ledger_log_prove_growth(log, asked.old_size, ledger_log_newest(log)->size, &asked.path, err) < 0 ||
		add_checkpoint_write(&asked, &body, err) < 0)
		return -1;
	return print(&body);
}

static int publish(struct tool *tool, struct ledger_log *log, struct error *err)
{
	AUTO(buf) struct buf lines = BUF_INIT(NOTE_MAX_BYTES);

	(void)tool;
	if (read_input(&lines, err) < 0)
		return -1;
	return ledger_log_publish(log, (struct span){buf_text(&lines), lines.len}, err);
}

static int prove(struct tool *tool, struct ledger_log *log, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(TLOG_PROOF_MAX_BYTES), note = BUF_INIT(NOTE_MAX_BYTES);
	struct tlog_proof proof = {.index = strtoull(tool->argument, NULL, 10)};
	char path[600];

	(void)snprintf(path, sizeof(path), "%s/checkpoint", tool->place.folder);
	if (fs_read_file(&tool->fs, AT_FDCWD, path, &note, err) < 0 ||
		ledger_log_prove(log, proof.index, ledger_log_newest(log)->size, &proof.path, err) < 0)
		return -1;
	proof.checkpoint = (struct span){note.data, note.len};
	return tlog_proof_write(&proof, &text, err) < 0 ? -1 : print(&text);
}

static const struct {
	const char *name;
	bool has_argument;
	int (*run)(struct tool *tool, struct ledger_log *log, struct error *err);
} verbs[] = {
	{"append", false, append},
	{"request", true, request},
	{"publish", false, publish},
	{"prove", true, prove},
};

static int run(struct tool *tool, const char *verb, struct error *err)
{
	AUTO(ledger_log) struct ledger_log *log = NULL;

	if (strcmp(verb, "create") == 0)
		return create(tool, err);
	if (read_key(tool, err) < 0)
		return -1;
	tool->place.signer = tool->signer;
	if (!(log = ledger_log_open(&tool->place, err)))
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		if (strcmp(verb, verbs[i].name) == 0 && verbs[i].has_argument == (tool->argument != NULL))
			return verbs[i].run(tool, log, err);
	return error_set(err, ERROR_USAGE, "there is no '%s'", verb);
}

int main(int argc, char **argv)
{
	struct tool tool = {.argument = argc == 5 ? argv[4] : NULL};
	struct error err = {0};
	int result;

	if (argc < 4 || argc > 5)
		return 2;
	fs_init(&tool.fs);
	(void)snprintf(tool.key_file, sizeof(tool.key_file), "%s.key", argv[2]);
	tool.place = (struct ledger_place){.fs = &tool.fs, .folder = argv[2], .origin = argv[3]};
	result = run(&tool, argv[1], &err);
	if (result < 0)
		(void)fprintf(stderr, "ledger_tool: %s\n", err.text);
	signer_free(tool.signer);
	return result < 0;
}
