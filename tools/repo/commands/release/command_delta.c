#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/auto.h"
#include "manifests/base/package.h"
#include "tools/repo/commands/commands.h"
#include "tools/repo/commands/release/delta_advice.h"
#include "tools/repo/release/delta_proof.h"
#include "tools/repo/release/release_files.h"
#include "updater/delta_make/delta_make.h"

#define DELTA_BYTES_MOST (UINT64_C(1) << 36)
/* What saves less than such a part of the payload is not worth signing. */
#define WORTH_PART 100
#define MEMORY_LEAST_MIB 64
#define MEMORY_MOST_MIB (INT64_C(1) << 20)

static const struct args_option options[] = {
	{"from", "OLD.json", "a release that terminals run now, its payload beside it; may be given several times"},
	{"for-older-agents", NULL,
		"as agents read it that do not look into programs and archives; stands beside the other"},
	{"memory", "MIB",
		"compare within so much memory, and files that take more by themselves not at all; by default "
		"files side by side within 1024, and larger ones alone"},
	{"advise", "FILE",
		"make none, but tell for which releases one is worth it; lines of \"VERSION,TERMINALS\", or the "
		"collector's releases as CSV"},
	{"output", "DIR", "where the delta goes; default: beside the new release, where \"add\" looks for it"},
	OPTION_JSON,
	OPTIONS_END,
};

/* One delta being made. */
struct making {
	struct tool *tool;
	const struct release_files *from;
	const struct release_files *to;
	json_t *files; /* what was chosen for each, with --json; borrowed */
	bool failed;   /* no memory for that */
};

static const char *const way_names[DELTA_WAYS] = {
	[DELTA_WHOLE] = "whole",
#define WAY_NAME(enumerator, name) [DELTA_##enumerator] = #name,
	EACH_DELTA_KIND(WAY_NAME)
#undef WAY_NAME
};

static int check_pair(const struct release_files *from, const struct release_files *to, struct error *err)
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

/* One file's line: how it is made, and what the other ways would have taken. */
static void print_choice(const struct delta_choice *choice)
{
	(void)printf("[%zu/%zu] %s: %s, %" PRIu64 " bytes", choice->done, choice->total, choice->path,
		way_names[choice->way], choice->estimates[choice->way]);
	for (int way = 0; way < DELTA_WAYS; way++)
		if (way != choice->way && choice->estimates[way])
			(void)printf("; %s %" PRIu64, way_names[way], choice->estimates[way]);
	if (choice->too_much)
		(void)printf("; not compared, that takes %" PRIu64 " MiB (--memory)",
			(choice->too_much + (1 << 20) - 1) >> 20);
	(void)printf("\n");
	(void)fflush(stdout);
}

static int keep_choice(json_t *files, const struct delta_choice *choice)
{
	AUTO(json)
	json_t *file = JSON_OBJECT({
		json_text("path", choice->path),
		json_text_if("from", choice->from),
		json_text("way", way_names[choice->way]),
	});
	AUTO(json) json_t *estimates = json_object();

	if (choice->too_much &&
		json_object_set_new(file, "memory_needed", json_integer((json_int_t)choice->too_much)) < 0)
		return -1;
	for (int way = 0; way < DELTA_WAYS; way++)
		if (choice->estimates[way] && json_object_set_new(estimates, way_names[way],
						      json_integer((json_int_t)choice->estimates[way])) < 0)
			return -1;
	if (json_object_set(file, "estimates", estimates) < 0)
		return -1;
	return json_array_append(files, file);
}

static void chose(void *context, const struct delta_choice *choice)
{
	struct making *making = context;

	if (!making->tool->json)
		print_choice(choice);
	else if (keep_choice(making->files, choice) < 0)
		making->failed = true;
}

static int make(struct making *making, struct buf *ret_delta, struct error *err)
{
	const struct release_files *from = making->from, *to = making->to;
	struct delta_side old = {.release = from->release, .id = from->id, .dir_fd = from->dir_fd};
	struct delta_side new = {.release = to->release, .id = to->id, .dir_fd = to->dir_fd};
	struct delta_options how = {
		.former_format = args_has(making->tool->args, "for-older-agents"), .chose = chose, .context = making};
	int64_t memory_mib = 0;

	if (args_integer(making->tool->args, "memory", MEMORY_LEAST_MIB, MEMORY_MOST_MIB, &memory_mib, err) < 0)
		return -1;
	how.memory = (uint64_t)memory_mib << 20;
	if (delta_make(&old, &new, &how, ret_delta, err) < 0 || delta_prove(from, to, ret_delta, err) < 0)
		return -1;
	return making->failed ? error_set(err, ERROR_FAILED, "no memory") : 0;
}

static int write_delta(struct tool *tool, const struct release_files *to, const char *name, const struct buf *delta,
	struct error *err)
{
	const char *output = args_get(tool->args, "output");
	AUTO(fd) int output_fd = -1;

	if (output && fs_make_dirs(tool->fs, AT_FDCWD, output, 0755, err) < 0)
		return -1;
	if ((output_fd = fs_open_dir(tool->fs, AT_FDCWD, output ? output : to->beside, err)) < 0)
		return -1;
	return fs_write_file(tool->fs, output_fd, name, delta->data, delta->len, 0644, err);
}

static int print_result(
	const struct making *making, const char *name, const struct buf *delta, bool worth, struct error *err)
{
	const struct release *from = making->from->release, *to = making->to->release;

	if (making->tool->json) {
		AUTO(json)
		json_t *json = JSON_OBJECT({
			json_text("package", to->package),
			json_text("from", from->version),
			json_text("version", to->version),
			json_text("delta", name),
			json_number("delta_bytes", (int64_t)delta->len),
			json_number("payload_bytes", (int64_t)to->payload_length),
			json_flag("written", worth),
			json_share("files", making->files),
		});

		return tool_print_json(json, err);
	}
	(void)printf("%s %s from %s: %zu bytes, %.1f %% of the payload%s\n", to->package, to->version, from->version,
		delta->len, 100.0 * (double)delta->len / (double)to->payload_length,
		worth ? "" : "; not worth having, not written");
	return 0;
}

/* The delta from one former release. */
static int make_from(struct tool *tool, const char *from_path, const struct release_files *to, struct error *err)
{
	AUTO(release_files) struct release_files from = RELEASE_FILES_INIT(tool->fs);
	AUTO(buf) struct buf delta = BUF_INIT(DELTA_BYTES_MOST);
	AUTO(json) json_t *files = json_array();
	struct making making = {.tool = tool, .from = &from, .to = to, .files = files};
	enum package_delta_format format =
		args_has(tool->args, "for-older-agents") ? PACKAGE_DELTA_FORMER : PACKAGE_DELTA;
	char target[PACKAGE_TARGET_SIZE];
	const char *name;
	bool worth;

	if (release_files_read(&from, from_path, err) < 0 || check_pair(&from, to, err) < 0 ||
		release_files_unpack(&from, err) < 0 || make(&making, &delta, err) < 0)
		return -1;
	package_delta_target(to->release->package, to->release->version, from.release->version, format, target);
	name = strrchr(target, '/') + 1;
	worth = delta.len < to->release->payload_length - to->release->payload_length / WORTH_PART;
	if (worth && write_delta(tool, to, name, &delta, err) < 0)
		return -1;
	return print_result(&making, name, &delta, worth, err);
}

static int run(struct tool *tool, struct error *err)
{
	AUTO(release_files) struct release_files to = RELEASE_FILES_INIT(tool->fs);
	const char *from_path;

	if (args_want_positional(tool->args, 1, 1, "the new release's JSON file", err) < 0)
		return -1;
	if (args_has(tool->args, "advise"))
		return delta_advise(tool, args_positional(tool->args, 0), err);
	if (args_want(tool->args, "from", &from_path, err) < 0 ||
		release_files_read(&to, args_positional(tool->args, 0), err) < 0)
		return -1;
	for (size_t i = 0; (from_path = args_nth(tool->args, "from", i)); i++) {
		if (to.dir_fd < 0 && release_files_unpack(&to, err) < 0)
			return -1;
		if (make_from(tool, from_path, &to, err) < 0)
			return error_context(err, "%s", from_path);
	}
	return 0;
}

const struct command command_delta = {
	.name = "delta",
	.arguments = "NEW.json --from OLD.json...",
	.summary = "Make the difference between two releases, for terminals that run the old one",
	.help = "Releases are as \"pack\" wrote them, each with its payload beside it. Writes "
		"NAME-NEW-from-OLD.delta3\n"
		"(.delta for older agents) beside the new release, from where \"add\" takes it; none where it would "
		"not be\n"
		"smaller than the payload. Each file is made by the way that takes the fewest bytes: whole, from the "
		"old bytes,\n"
		"from the members of an archive, or from a program whose addresses are led through a map; the line "
		"of a file\n"
		"says which, and what the others would have taken. What comes out is proved as a terminal would "
		"make it.\n"
		"Terminals choose by bytes, and check what they make of it file by file.\n",
	.options = options,
	.run = run,
};
