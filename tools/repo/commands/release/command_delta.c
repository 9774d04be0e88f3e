#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "common/auto.h"
#include "manifests/release/release.h"
#include "tools/repo/commands/commands.h"
#include "tools/repo/release/payload.h"
#include "tools/repo/release/unarchive.h"
#include "updater/delta_make/delta_make.h"

#define DELTA_BYTES_MOST (UINT64_C(1) << 36)

static const struct args_option options[] = {
	{"from", "OLD.json", "the release that terminals run now; its payload stands beside it"},
	{"output", "DIR", "where the delta goes; default: beside the new release, where \"add\" looks for it"},
	OPTION_JSON,
	OPTIONS_END,
};

/* One of the two releases: read, and unpacked into a folder that goes away again. */
struct side {
	struct fs *fs;
	struct release *release;
	struct sha256 id;
	char *beside;			/* the folder of its files */
	char unpacked[FS_OWN_DIR_SIZE]; /* in that folder; "" if none */
	int beside_fd;
	int dir_fd;
};

static void side_clear(struct side *side)
{
	struct error ignored;

	auto_fd(&side->dir_fd);
	if (*side->unpacked)
		(void)!fs_remove_tree(side->fs, side->beside_fd, side->unpacked, &ignored);
	auto_fd(&side->beside_fd);
	release_free(side->release);
	free(side->beside);
}
DEFINE_AUTO(side, struct side, side_clear);

static int read_release(struct side *side, const char *path, struct error *err)
{
	const char *slash = strrchr(path, '/');
	AUTO(buf) struct buf json = BUF_INIT(RELEASE_MAX_BYTES);

	side->beside = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
	if (!side->beside)
		return error_set(err, ERROR_FAILED, "no memory");
	if (fs_read_file(side->fs, AT_FDCWD, path, &json, err) < 0)
		return -1;
	if (release_parse(json.data, json.len, &side->release, err) < 0)
		return error_context(err, "%s", path);
	sha256_of(json.data, json.len, &side->id);
	return (side->beside_fd = fs_open_dir(side->fs, AT_FDCWD, side->beside, err)) < 0 ? -1 : 0;
}

static int unpack(struct side *side, struct error *err)
{
	const char *payload = strrchr(side->release->payload_target, '/') + 1;
	AUTO(fd) int payload_fd = -1;
	AUTO(free) char *path = NULL;
	AUTO(json) json_t *members = NULL;
	struct unarchive_options how = {0};

	if ((payload_fd = fs_open(side->fs, side->beside_fd, payload, O_RDONLY, err)) < 0)
		return error_context(err, "the payload must stand beside its release");
	if (payload_check(payload_fd, side->release, err) < 0)
		return error_context(err, "%s", payload);
	if (asprintf(&path, "%s/%s", side->beside, payload) < 0) {
		path = NULL;
		return error_set(err, ERROR_FAILED, "no memory");
	}
	how.most_bytes = side->release->installed_bytes;
	if ((side->dir_fd = fs_make_own_dir(side->fs, side->beside_fd, ".haishin-delta", side->unpacked, err)) < 0 ||
		unarchive(side->fs, path, &how, side->dir_fd, &members, err) < 0 ||
		unarchive_check(members, side->release, false, err) < 0)
		return -1;
	return 0;
}

static int check_pair(const struct side *from, const struct side *to, struct error *err)
{
	if (strcmp(from->release->package, to->release->package) != 0)
		return error_set(err, ERROR_USAGE,
			"these are releases of %s and of %s; a delta is between two of one package",
			from->release->package, to->release->package);
	if (version_compare(from->release->version, to->release->version) == 0)
		return error_set(err, ERROR_USAGE, "both are version %s; a delta is between two versions",
			to->release->version);
	return 0;
}

static int write_delta(
	struct tool *tool, const struct side *to, const char *name, const struct buf *delta, struct error *err)
{
	const char *output = args_get(tool->args, "output");
	AUTO(fd) int output_fd = -1;

	if (output && fs_make_dirs(tool->fs, AT_FDCWD, output, 0755, err) < 0)
		return -1;
	if ((output_fd = fs_open_dir(tool->fs, AT_FDCWD, output ? output : to->beside, err)) < 0)
		return -1;
	return fs_write_file(tool->fs, output_fd, name, delta->data, delta->len, 0644, err);
}

static int print_result(const struct tool *tool, const struct side *from, const struct side *to, const char *name,
	const struct buf *delta, bool worth, struct error *err)
{
	double share = 100.0 * (double)delta->len / (double)to->release->payload_length;

	if (tool->json) {
		AUTO(json)
		json_t *json = JSON_OBJECT({
			json_text("package", to->release->package),
			json_text("from", from->release->version),
			json_text("version", to->release->version),
			json_text("delta", name),
			json_number("delta_bytes", delta->len),
			json_number("payload_bytes", to->release->payload_length),
			json_flag("written", worth),
		});

		return tool_print_json(json, err);
	}
	(void)printf("%s %s from %s: %zu bytes, %.1f %% of the payload%s\n", to->release->package,
		to->release->version, from->release->version, delta->len, share,
		worth ? "" : "; not worth having, not written");
	return 0;
}

static int run(struct tool *tool, struct error *err)
{
	AUTO(side) struct side from = {.fs = tool->fs, .beside_fd = -1, .dir_fd = -1};
	AUTO(side) struct side to = {.fs = tool->fs, .beside_fd = -1, .dir_fd = -1};
	AUTO(buf) struct buf delta = BUF_INIT(DELTA_BYTES_MOST);
	char target[PACKAGE_TARGET_SIZE];
	const char *from_path, *name;
	bool worth;

	if (args_want_positional(tool->args, 1, 1, "the new release's JSON file", err) < 0 ||
		args_want(tool->args, "from", &from_path, err) < 0 || read_release(&from, from_path, err) < 0 ||
		read_release(&to, args_positional(tool->args, 0), err) < 0 || check_pair(&from, &to, err) < 0 ||
		unpack(&from, err) < 0 || unpack(&to, err) < 0)
		return -1;
	{
		struct delta_side old = {.release = from.release, .id = from.id, .dir_fd = from.dir_fd};
		struct delta_side new = {.release = to.release, .id = to.id, .dir_fd = to.dir_fd};

		if (delta_make(tool->fs, &old, &new, &delta, err) < 0)
			return -1;
	}
	package_delta_target(to.release->package, to.release->version, from.release->version, target);
	name = strrchr(target, '/') + 1;
	worth = delta.len < to.release->payload_length;
	if (worth && write_delta(tool, &to, name, &delta, err) < 0)
		return -1;
	return print_result(tool, &from, &to, name, &delta, worth, err);
}

const struct command command_delta = {
	.name = "delta",
	.arguments = "NEW.json --from OLD.json",
	.summary = "Make the difference between two releases, for terminals that run the old one",
	.help = "Both releases are as \"pack\" wrote them, each with its payload beside it. Writes "
		"NAME-NEW-from-OLD.delta\n"
		"beside the new release, from where \"add\" takes it; none where it would not be smaller than the "
		"payload.\n"
		"Terminals choose by bytes, and check what they make of it file by file.\n",
	.options = options,
	.run = run,
};
