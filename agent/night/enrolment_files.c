#include "agent/night/enrolment_files.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>

#include "common/json.h"
#include "updater/enrol/est.h"
#include "updater/fetch/certificate.h"

#define WISH_FILE "enrolment.wish"
#define KEY_FILE "enrolment.key"
#define WISH_MAX_BYTES 4096
/* In front of the names of those that are ours to remove. */
#define PREFIX "enrolled-"
#define KEPT_S (90 * INT64_C(86400))

static int open_state(struct terminal *terminal, struct error *err)
{
	return fs_open_dir(terminal->env->fs, AT_FDCWD, terminal->config->state_path, err);
}

/* ---- The wish ---- */

int enrolment_wish_keep(struct terminal *terminal, const char *url, const char *code, struct error *err)
{
	AUTO(fd) int dir_fd = open_state(terminal, err);
	AUTO(secret) struct buf text = BUF_INIT(WISH_MAX_BYTES);
	AUTO(json) json_t *json = JSON_OBJECT({json_text("url", url), json_text("code", code)});

	if (dir_fd < 0)
		return -1;
	if (strlen(url) >= ENROLMENT_URL_SIZE || strlen(code) >= ENROLMENT_CODE_SIZE || !json)
		return error_set(err, ERROR_USAGE, "the address or the code is too long, or no text");
	if (json_write(json, &text, err) < 0)
		return -1;
	return fs_write_file(terminal->env->fs, dir_fd, WISH_FILE, text.data, text.len, 0600, err);
}

static int read_wish(const struct buf *text, struct enrolment_wish *ret_wish, struct error *err)
{
	AUTO(json) json_t *json = json_parse(text->data, text->len, err);
	const char *url, *code;

	if (!json || json_want_string(json, "url", &url, err) < 0 || json_want_string(json, "code", &code, err) < 0)
		return -1;
	if (snprintf(ret_wish->url, sizeof(ret_wish->url), "%s", url) >= (int)sizeof(ret_wish->url) ||
		snprintf(ret_wish->code, sizeof(ret_wish->code), "%s", code) >= (int)sizeof(ret_wish->code))
		return error_set(err, ERROR_INPUT, "the address or the code is too long");
	return 0;
}

int enrolment_wish_take(struct terminal *terminal, struct enrolment_wish *ret_wish, struct error *err)
{
	AUTO(fd) int dir_fd = open_state(terminal, err);
	AUTO(secret) struct buf text = BUF_INIT(WISH_MAX_BYTES);
	struct fs *fs = terminal->env->fs;

	if (dir_fd < 0)
		return -1;
	if (!fs_exists(fs, dir_fd, WISH_FILE))
		return error_set(err, ERROR_USAGE, "job enrol is started by 'haishin enrol'");
	if (fs_read_file(fs, dir_fd, WISH_FILE, &text, err) < 0 || fs_remove(fs, dir_fd, WISH_FILE, err) < 0)
		return -1;
	return read_wish(&text, ret_wish, err);
}

/* ---- The key ---- */

int enrolment_key(struct terminal *terminal, struct buf *ret_key_pem, struct error *err)
{
	AUTO(fd) int dir_fd = open_state(terminal, err);
	struct fs *fs = terminal->env->fs;

	if (dir_fd < 0)
		return -1;
	if (fs_exists(fs, dir_fd, KEY_FILE))
		return fs_read_file(fs, dir_fd, KEY_FILE, ret_key_pem, err);
	if (est_make_key(ret_key_pem, err) < 0)
		return -1;
	return fs_write_file(fs, dir_fd, KEY_FILE, ret_key_pem->data, ret_key_pem->len, 0600, err);
}

/* ---- Certificates ---- */

static int open_certificates(struct terminal *terminal, struct error *err)
{
	struct fs *fs = terminal->env->fs;
	const char *path = terminal->config->certificates_path;

	if (fs_make_dirs(fs, AT_FDCWD, path, 0700, err) < 0)
		return error_context(err, "the folder of certificates");
	return fs_open_dir(fs, AT_FDCWD, path, err);
}

int enrolment_install(struct terminal *terminal, const struct buf *pem, const struct buf *key_pem,
	char ret_name[static ENROLMENT_NAME_SIZE], struct error *err)
{
	char serial[EST_SERIAL_SIZE], key_name[ENROLMENT_NAME_SIZE];
	AUTO(fd) int dir_fd = open_certificates(terminal, err);
	AUTO(fd) int state_fd = dir_fd < 0 ? -1 : open_state(terminal, err);
	struct fs *fs = terminal->env->fs;

	if (state_fd < 0 || est_serial(buf_text(pem), serial, err) < 0)
		return -1;
	(void)snprintf(ret_name, ENROLMENT_NAME_SIZE, PREFIX "%.64s.pem", serial);
	(void)snprintf(key_name, sizeof(key_name), PREFIX "%.64s.key", serial);
	if (fs_write_file(fs, dir_fd, key_name, key_pem->data, key_pem->len, 0600, err) < 0 ||
		fs_write_file(fs, dir_fd, ret_name, pem->data, pem->len, 0644, err) < 0)
		return error_context(err, "the new certificate");
	return fs_exists(fs, state_fd, KEY_FILE) ? fs_remove(fs, state_fd, KEY_FILE, err) : 0;
}

/* ---- Those that are long past ---- */

static void remove_pair(struct terminal *terminal, int dir_fd, const char *name)
{
	char key_name[NAME_MAX + 1];
	struct error err = {0};

	(void)snprintf(key_name, sizeof(key_name), "%.*s.key", (int)(strlen(name) - strlen(".pem")), name);
	if (fs_remove(terminal->env->fs, dir_fd, name, &err) < 0 ||
		(fs_exists(terminal->env->fs, dir_fd, key_name) &&
			fs_remove(terminal->env->fs, dir_fd, key_name, &err) < 0))
		log_line(terminal->env->log, LOG_LEVEL_WARNING, "a certificate that has ended stays: %s", err.text);
}

static int consider(void *context, int dir_fd, const char *name, struct error *err)
{
	AUTO(buf) struct buf pem = BUF_INIT(EST_PEM_MOST);
	struct terminal *terminal = context;
	size_t len = strlen(name);
	int64_t ends_s;

	(void)err;
	if (strncmp(name, PREFIX, strlen(PREFIX)) != 0 || len < 5 || strcmp(name + len - 4, ".pem") != 0 ||
		fs_read_file(terminal->env->fs, dir_fd, name, &pem, NULL) < 0)
		return 0;
	ends_s = certificate_end(buf_text(&pem));
	if (ends_s && ends_s + KEPT_S < terminal_now_s(terminal))
		remove_pair(terminal, dir_fd, name);
	return 0;
}

void enrolment_clean_up(struct terminal *terminal)
{
	struct error ignored;

	(void)!fs_each(terminal->env->fs, AT_FDCWD, terminal->config->certificates_path, consider, terminal, &ignored);
}
