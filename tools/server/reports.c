#include "tools/server/reports.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/digest.h"
#include "common/fs.h"
#include "common/json.h"

struct reports {
	struct fs fs;
	struct clock clock;
	int dir_fd;
	uint64_t count;
	uint64_t most;
};

static int count_report(void *context, int dir_fd, const char *name, struct error *err)
{
	struct reports *reports = context;

	(void)dir_fd;
	(void)err;
	reports->count += name[0] != '.';
	return 0;
}

static int count_reports(struct reports *reports, const char *folder, struct error *err)
{
	int fd = fs_open_dir(&reports->fs, AT_FDCWD, folder, err);

	return fd < 0 ? -1 : fs_each_in(&reports->fs, fd, folder, count_report, reports, err);
}

int reports_open(const char *folder, uint64_t most, struct reports **ret_reports, struct error *err)
{
	AUTO(reports) struct reports *reports = calloc(1, sizeof(*reports));

	if (!reports)
		return error_set(err, ERROR_FAILED, "no memory for the reports");
	fs_init(&reports->fs);
	clock_init(&reports->clock, "/proc/sys/kernel/random/boot_id");
	reports->most = most;
	if ((reports->dir_fd = fs_open_dir(&reports->fs, AT_FDCWD, folder, err)) < 0 ||
		count_reports(reports, folder, err) < 0)
		return error_context(err, "the folder for reports");
	*ret_reports = take_ptr(&reports);
	return 0;
}

void reports_free(struct reports *reports)
{
	if (!reports)
		return;
	auto_fd(&reports->dir_fd);
	free(reports);
}

static int write_report(struct reports *reports, const char *name, const void *body, size_t len, struct error *err)
{
	if (fs_exists(&reports->fs, reports->dir_fd, name))
		return 0;
	if (reports->count >= reports->most)
		return error_set(err, ERROR_NO_SPACE,
			"the folder holds %" PRIu64 " reports, as many as it may: move old "
			"ones away and start again",
			reports->count);
	if (fs_write_file(&reports->fs, reports->dir_fd, name, body, len, 0640, err) < 0)
		return -1;
	reports->count++;
	return 0;
}

int reports_store(struct reports *reports, const void *body, size_t len, struct buf *ret_receipt, struct error *err)
{
	AUTO(json) json_t *report = json_parse(body, len, err);
	char hex[SHA256_HEX_SIZE], name[SHA256_HEX_SIZE + sizeof(".json")], at[CLOCK_TEXT_SIZE];
	struct sha256 digest;

	if (!report)
		return error_set(err, ERROR_INPUT, "a report is one JSON object");
	sha256_of(body, len, &digest);
	(void)snprintf(name, sizeof(name), "%s.json", sha256_hex(&digest, hex));
	if (write_report(reports, name, body, len, err) < 0)
		return error_context(err, "report %s", hex);
	return buf_printf(ret_receipt, err, "{\"receipt\":\"%s\",\"at\":\"%s\"}\n", hex,
		clock_text(reports->clock.now_s(&reports->clock), at));
}
