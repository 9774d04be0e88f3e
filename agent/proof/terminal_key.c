#include "agent/proof/terminal_key.h"

#include <fcntl.h>

#define PEM_MAX_BYTES 4096

static struct signer *read_key(struct fs *fs, int state_fd, struct error *err)
{
	AUTO(secret) struct buf pem = BUF_INIT(PEM_MAX_BYTES);

	if (fs_read_file(fs, state_fd, TERMINAL_KEY_FILE, &pem, err) < 0)
		return NULL;
	return signer_read(pem.data, pem.len, NULL, err);
}

static struct signer *make_key(struct fs *fs, int state_fd, struct error *err)
{
	AUTO(signer) struct signer *signer = signer_generate(KEY_ED25519, err);
	AUTO(secret) struct buf pem = BUF_INIT(PEM_MAX_BYTES);

	if (!signer || signer_write(signer, NULL, &pem, err) < 0 ||
		fs_write_file(fs, state_fd, TERMINAL_KEY_FILE, pem.data, pem.len, 0600, err) < 0)
		return NULL;
	return take_ptr(&signer);
}

/* Two processes that begin at the same time make one key. */
static struct signer *read_or_make_key(struct fs *fs, int state_fd, struct error *err)
{
	AUTO(fd) int lock_fd = -1;

	if (fs_exists(fs, state_fd, TERMINAL_KEY_FILE))
		return read_key(fs, state_fd, err);
	if ((lock_fd = fs_lock(fs, state_fd, TERMINAL_KEY_FILE ".lock", true, err)) < 0)
		return NULL;
	return fs_exists(fs, state_fd, TERMINAL_KEY_FILE) ? read_key(fs, state_fd, err) : make_key(fs, state_fd, err);
}

struct signer *terminal_key_load(struct terminal *terminal, struct error *err)
{
	struct fs *fs = terminal->env->fs;
	AUTO(fd) int state_fd = fs_open_dir(fs, AT_FDCWD, terminal->config->state_path, err);
	struct signer *signer = state_fd < 0 ? NULL : read_or_make_key(fs, state_fd, err);

	if (!signer)
		(void)error_context(
			err, "the terminal's own key, %s/" TERMINAL_KEY_FILE, terminal->config->state_path);
	return signer;
}

struct key *terminal_key_public(struct terminal *terminal, struct error *err)
{
	AUTO(signer) struct signer *signer = terminal_key_load(terminal, err);
	AUTO(json) json_t *object = signer ? signer_public_key(signer, err) : NULL;

	return object ? key_parse(object, err) : NULL;
}
