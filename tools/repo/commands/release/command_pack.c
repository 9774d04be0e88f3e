#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "common/auto.h"
#include "common/number.h"
#include "tools/repo/base/work_progress.h"
#include "tools/repo/commands/commands.h"
#include "tools/repo/release/binaries.h"
#include "tools/repo/release/notes_files.h"
#include "tools/repo/release/pack_tree.h"
#include "tools/repo/release/payload.h"
#include "tools/repo/release/problems.h"
#include "tools/repo/release/release_options.h"
#include "tools/repo/release/unarchive.h"

#define DEFAULT_LEVEL 19

static const struct args_option options[] = {
	RELEASE_OPTIONS,
	{"output", "DIR", "where the two files go; default: the current folder"},
	{"strip", "N", "take N folders off the names in an archive"},
	{"unpack-limit", "SIZE", "the folder, or what an archive unpacks to, is no larger; default 16G"},
	{"follow-links", NULL,
		"pack what a link of the folder points to in its place, where no terminal may get the link"},
	{"architecture", "NAME", "of the terminals, such as amd64 or arm64: programs for others are pointed out"},
	{"level", "N", "of compression, 1 to 22; default 19"},
	{"mtime", "SECONDS", "the time of all files since 1970; default 0"},
	OPTION_JSON,
	OPTIONS_END,
};

/* What must not stay behind when packing fails. */
struct scratch {
	struct fs *fs;
	int output_fd;
	char unpacked[FS_OWN_DIR_SIZE];	       /* folder for an archive's members; "" if none */
	char payload[PACKAGE_TARGET_SIZE + 8]; /* the payload while it is written; "" if none */
	char target[PACKAGE_TARGET_SIZE];      /* of the release */
	json_t *members;		       /* of the archive; NULL where a folder is packed */
	const char *placed[2];		       /* files that have their names, until all have */
};

static void scratch_clear(struct scratch *scratch)
{
	int failed = 0; /* what cannot be removed has no bearing on the result */

	if (*scratch->unpacked)
		failed |= fs_remove_tree(scratch->fs, scratch->output_fd, scratch->unpacked, NULL);
	if (*scratch->payload)
		failed |= fs_remove(scratch->fs, scratch->output_fd, scratch->payload, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(scratch->placed); i++)
		if (scratch->placed[i])
			failed |= fs_remove(scratch->fs, scratch->output_fd, scratch->placed[i], NULL);
	fd_close(&scratch->output_fd);
	json_decref(scratch->members);
	(void)failed;
}
DEFINE_AUTO(scratch, struct scratch, scratch_clear);

static int open_output(struct tool *tool, struct scratch *scratch, struct error *err)
{
	const char *output = args_get(tool->args, "output");

	if (!output)
		output = ".";
	if (fs_make_dirs(tool->fs, AT_FDCWD, output, 0755, err) < 0)
		return -1;
	return (scratch->output_fd = fs_open_dir(tool->fs, AT_FDCWD, output, err)) < 0 ? -1 : 0;
}

static int read_limit(const struct tool *tool, uint64_t *ret_bytes, struct error *err)
{
	const char *text = args_get(tool->args, "unpack-limit");
	int64_t bytes = UNARCHIVE_MOST_BYTES;

	if (text && number_parse(text, &number_sizes, &bytes, err) < 0)
		return error_context(err, "--unpack-limit");
	*ret_bytes = (uint64_t)bytes;
	return 0;
}

/* Unpacks into a folder of our own beside what is written, where there is room. */
static int unpack(struct tool *tool, const char *path, int strip, struct scratch *scratch, struct error *err)
{
	struct unarchive_options how = {.strip = strip};
	AUTO(fd) int fd = -1;

	if (read_limit(tool, &how.most_bytes, err) < 0 ||
		(fd = fs_make_own_dir(tool->fs, scratch->output_fd, ".haishin-pack", scratch->unpacked, err)) < 0 ||
		unarchive(tool->fs, path, &how, fd, &scratch->members, err) < 0)
		return -1;
	return take_fd(&fd);
}

/* Opens the folder to pack; an archive is unpacked first. */
static int open_input(struct tool *tool, const char *path, struct scratch *scratch, struct error *err)
{
	int64_t strip = 0;
	struct stat st;

	if (args_integer(tool->args, "strip", 0, 100, &strip, err) < 0)
		return -1;
	if (strcmp(path, "-") != 0 && stat(path, &st) < 0)
		return error_system(err, errno, "cannot open '%s'", path);
	if (strcmp(path, "-") != 0 && S_ISDIR(st.st_mode))
		return strip ? error_set(err, ERROR_USAGE, "--strip is for archives; give the folder inside instead")
			     : fs_open_dir(tool->fs, AT_FDCWD, path, err);
	if (args_has(tool->args, "follow-links"))
		return error_set(err, ERROR_USAGE,
			"--follow-links is for folders: a link of an archive would lead into this machine; unpack "
			"it, put "
			"what its links mean in their place, and pack that folder");
	return unpack(tool, path, (int)strip, scratch, err);
}

static int write_payload(
	struct tool *tool, int folder_fd, struct release *release, struct scratch *scratch, struct error *err)
{
	AUTO(fd) int out_fd = -1;
	AUTO(fd) int check_fd = -1;
	int64_t level = DEFAULT_LEVEL, mtime_s = 0;
	struct work_progress progress;
	struct payload_source source = {.folder_fd = folder_fd,
		.follow_links = args_has(tool->args, "follow-links"),
		.progress = work_progress_take,
		.context = &progress};

	if (args_integer(tool->args, "level", 1, 22, &level, err) < 0 ||
		args_integer(tool->args, "mtime", 0, INT32_MAX, &mtime_s, err) < 0)
		return -1;
	source.level = (int)level;
	source.mtime_s = mtime_s;
	work_progress_begin(&progress, tool->clock, "packing", release->installed_bytes);
	(void)snprintf(
		scratch->payload, sizeof(scratch->payload), ".%s.tmp", strrchr(release->payload_target, '/') + 1);
	if (fs_remove(tool->fs, scratch->output_fd, scratch->payload, err) < 0 ||
		(out_fd = fs_create(tool->fs, scratch->output_fd, scratch->payload, 0644, err)) < 0 ||
		payload_write(tool->fs, &source, release, out_fd, scratch->payload, err) < 0)
		return -1;
	work_progress_end(&progress);
	if (fs_sync_file(tool->fs, out_fd, scratch->payload, err) < 0 ||
		(check_fd = fs_open(tool->fs, scratch->output_fd, scratch->payload, O_RDONLY, err)) < 0)
		return -1;
	if (payload_check(check_fd, release, err) < 0)
		return error_context(err, "the payload just written does not read back; is this disk sound?");
	return 0;
}

/* Gives both files their names: the payload first, so that a release never stands without it. */
static int put_in_place(struct tool *tool, const struct release *release, struct scratch *scratch, struct error *err)
{
	AUTO(buf) struct buf json = BUF_INIT(RELEASE_MAX_BYTES);

	package_release_target(release->package, release->version, scratch->target);
	if (release_write(release, &json, err) < 0)
		return -1;
	scratch->placed[0] = strrchr(release->payload_target, '/') + 1;
	if (fs_rename(tool->fs, scratch->output_fd, scratch->payload, scratch->placed[0], err) < 0)
		return -1;
	scratch->payload[0] = '\0';
	scratch->placed[1] = strrchr(scratch->target, '/') + 1;
	if (fs_write_file(tool->fs, scratch->output_fd, scratch->placed[1], json.data, json.len, 0644, err) < 0)
		return -1;
	scratch->placed[0] = scratch->placed[1] = NULL;
	return 0;
}

/* Names all that is wrong with the input. */
static int read_input(struct tool *tool, const char *input, int folder_fd, struct release *release,
	struct problems *problems, struct error *err)
{
	struct tree_options how = {.follow_links = args_has(tool->args, "follow-links"),
		.architecture = args_get(tool->args, "architecture")};

	if (read_limit(tool, &how.most_bytes, err) < 0)
		return -1;
	if (how.architecture && binaries_check_architecture(how.architecture, err) < 0)
		return -1;
	if (tree_read(tool->fs, folder_fd, &how, release, problems, err) < 0 ||
		notes_files_read(tool->fs, tool->args, release, problems, err) < 0)
		return error_context(err, "%s", input);
	problems_print(problems, "haishin-repo", input);
	return problems_judge(problems, err) < 0 ? error_context(err, "%s", input) : 0;
}

static int print_result(
	const struct tool *tool, const struct release *release, const struct problems *problems, struct error *err)
{
	AUTO(json) json_t *json = NULL;
	char target[PACKAGE_TARGET_SIZE];
	char hex[SHA256_HEX_SIZE];
	const char *output = args_get(tool->args, "output");

	package_release_target(release->package, release->version, target);
	if (!tool->json) {
		(void)printf("%s %s: %zu file%s and folders, %llu bytes in a payload of %llu bytes, %zu frame%s\n"
			     "Next: haishin-repo try %s%s%s, which shows what a terminal will do with it; then publish it\n",
			release->package, release->version, release->files_count,
			release->files_count == 1 ? "" : "s", (unsigned long long)release->installed_bytes,
			(unsigned long long)release->payload_length, release->frames_count,
			release->frames_count == 1 ? "" : "s", output ? output : "", output ? "/" : "",
			strrchr(target, '/') + 1);
		return 0;
	}
	json = JSON_OBJECT({
		json_text("package", release->package),
		json_text("version", release->version),
		json_text("release", strrchr(target, '/') + 1),
		json_text("payload", strrchr(release->payload_target, '/') + 1),
		json_number("files", release->files_count),
		json_number("installed_bytes", release->installed_bytes),
		json_number("payload_bytes", release->payload_length),
		json_number("frames", release->frames_count),
		json_text("payload_sha256", sha256_hex(&release->payload_sha256, hex)),
		json_take("warnings", problems_warnings(problems)),
	});
	return tool_print_json(json, err);
}

static int pack(struct tool *tool, struct release *release, struct problems *problems, struct error *err)
{
	AUTO(scratch) struct scratch scratch = {.fs = tool->fs, .output_fd = -1};
	AUTO(fd) int folder_fd = -1;
	const char *input = args_positional(tool->args, 0);

	if (open_output(tool, &scratch, err) < 0)
		return -1;
	if ((folder_fd = open_input(tool, input, &scratch, err)) < 0)
		return error_context(err, "%s", input);
	if (read_input(tool, input, folder_fd, release, problems, err) < 0)
		return -1;
	if (scratch.members && unarchive_check(scratch.members, release, err) < 0)
		return error_context(err, "%s", input);
	if (write_payload(tool, folder_fd, release, &scratch, err) < 0)
		return -1;
	return put_in_place(tool, release, &scratch, err);
}

static int run(struct tool *tool, struct error *err)
{
	AUTO(release) struct release *release = calloc(1, sizeof(*release));
	AUTO(problems) struct problems problems;

	problems_init(&problems);
	if (!release)
		return error_set(err, ERROR_FAILED, "no memory");
	if (args_want_positional(tool->args, 1, 1, "the folder or archive", err) < 0 ||
		release_options_read(tool->args, release, err) < 0 || pack(tool, release, &problems, err) < 0)
		return -1;
	return print_result(tool, release, &problems, err);
}

const struct command command_pack = {
	.name = "pack",
	.arguments = "FOLDER-OR-ARCHIVE --package NAME --version VERSION [--output DIR]",
	.summary = "Turn a folder or an archive into a release and its payload",
	.help = "Writes NAME-VERSION.json and NAME-VERSION.tar.zst: the same input gives the same bytes. Any archive "
		"that\n"
		"libarchive reads will do (tar, zip, 7z and others); \"-\" is an archive on standard input. What "
		"terminals must\n"
		"not get is refused with its path: special files, setuid bits, links that leave the folder, names "
		"that Windows\n"
		"cannot hold or that differ only by case, capabilities, access lists, extended attributes. All that "
		"is "
		"wrong is\n"
		"named at once. --follow-links puts what a refused link of a folder points to in its "
		"place.\n",
	.options = options,
	.run = run,
};
