#include "tools/repo/release/delta_proof.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/mman.h>
#include <unistd.h>

#include "updater/delta/delta.h"
#include "updater/stage/entries.h"

struct proof {
	const struct release_files *to;
	char name[FS_OWN_DIR_SIZE];
	int dir_fd;
	struct tree tree;
	struct needs needs;
};

static void proof_clear(struct proof *proof)
{
	struct error ignored;

	tree_clear(&proof->tree);
	needs_clear(&proof->needs);
	fd_close(&proof->dir_fd);
	if (*proof->name)
		(void)!fs_remove_tree(proof->to->fs, proof->to->beside_fd, proof->name, &ignored);
}
DEFINE_AUTO(proof, struct proof, proof_clear);

static int proof_open(struct proof *proof, struct error *err)
{
	const struct release_files *to = proof->to;

	if ((proof->dir_fd = fs_make_own_dir(to->fs, to->beside_fd, ".haishin-delta", proof->name, err)) < 0)
		return -1;
	tree_init(&proof->tree, to->fs, proof->dir_fd);
	if (needs_init(&proof->needs, to->release, err) < 0)
		return -1;
	return entries_make(&proof->tree, &proof->needs, err);
}

static int in_memory(const struct buf *delta, struct error *err)
{
	AUTO(fd) int fd = memfd_create("haishin-delta", MFD_CLOEXEC);

	for (size_t done = 0; fd >= 0 && done < delta->len;) {
		ssize_t put = write(fd, delta->data + done, delta->len - done);

		if (put <= 0)
			return error_system(err, put < 0 ? errno : EIO, "cannot keep the delta in memory");
		done += (size_t)put;
	}
	return fd < 0 ? error_system(err, errno, "cannot keep the delta in memory") : take_fd(&fd);
}

int delta_prove(
	const struct release_files *from, const struct release_files *to, const struct buf *delta, struct error *err)
{
	AUTO(proof) struct proof proof = {.to = to, .dir_fd = -1, .tree = {.parent_fd = -1}};
	AUTO(tree) struct tree old = {.parent_fd = -1};
	AUTO(fd) int fd = -1;
	struct delta applied = {.len = delta->len,
		.to = &proof.tree,
		.needs = &proof.needs,
		.from = &old,
		.from_release = from->release,
		.from_id = from->id,
		.to_id = to->id};

	tree_init(&old, from->fs, from->dir_fd);
	if ((fd = in_memory(delta, err)) < 0 || proof_open(&proof, err) < 0)
		return -1;
	applied.fd = fd;
	if (delta_apply(&applied, err) < 0)
		return error_context(err, "the delta does not stand its proof");
	if (applied.did_not_come_out)
		return error_set(err, ERROR_FAILED,
			"the delta does not stand its proof: %" PRIu64 " files come out wrong; please report this",
			applied.did_not_come_out);
	return 0;
}
