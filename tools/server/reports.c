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

#define SENDER_MOST_BYTES 4096

struct reports {
	struct fs fs;
	struct clock clock;
	int dir_fd;
	json_t *shares; /* certificate -> number of its reports */
	uint64_t count;
	uint64_t most;
	uint64_t share;
};

static bool ends_in(const char *name, const char *end)
{
	size_t len = strlen(name), end_len = strlen(end);

	return name[0] != '.' && len > end_len && strcmp(name + len - end_len, end) == 0;
}

static uint64_t share_of(const struct reports *reports, const char *certificate)
{
	return (uint64_t)json_integer_value(json_object_get(reports->shares, certificate));
}

static int add_to_share(struct reports *reports, const char *certificate, struct error *err)
{
	json_int_t count = (json_int_t)share_of(reports, certificate) + 1;

	if (*certificate && json_object_set_new(reports->shares, certificate, json_integer(count)) < 0)
		return error_set(err, ERROR_FAILED, "no memory for the reports");
	return 0;
}

static int count_sender(struct reports *reports, int dir_fd, const char *name, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(SENDER_MOST_BYTES);
	AUTO(json) json_t *sender = NULL;
	const char *certificate;

	if (fs_read_file(&reports->fs, dir_fd, name, &text, NULL) < 0 ||
		!(sender = json_parse(buf_text(&text), text.len, NULL)))
		return 0; /* a cut may have left it empty: then its report is not there either */
	certificate = json_string_value(json_object_get(sender, "certificate"));
	return certificate ? add_to_share(reports, certificate, err) : 0;
}

static int count_report(void *context, int dir_fd, const char *name, struct error *err)
{
	struct reports *reports = context;

	reports->count += ends_in(name, ".json");
	return ends_in(name, ".sender") ? count_sender(reports, dir_fd, name, err) : 0;
}

static int count_reports(struct reports *reports, const char *folder, struct error *err)
{
	int fd = fs_open_dir(&reports->fs, AT_FDCWD, folder, err);

	return fd < 0 ? -1 : fs_each_in(&reports->fs, fd, folder, count_report, reports, err);
}

int reports_open(const char *folder, uint64_t most, uint64_t share, struct reports **ret_reports, struct error *err)
{
	AUTO(reports) struct reports *reports = calloc(1, sizeof(*reports));

	if (!reports || !(reports->shares = json_object()))
		return error_set(err, ERROR_FAILED, "no memory for the reports");
	reports->dir_fd = -1;
	fs_init(&reports->fs);
	clock_init(&reports->clock, "/proc/sys/kernel/random/boot_id");
	reports->most = most;
	reports->share = share;
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
	fd_close(&reports->dir_fd);
	json_decref(reports->shares);
	free(reports);
}

/* Beside the report, and before it, so that no report is without. */
static int write_sender(
	struct reports *reports, const struct reports_sender *sender, const char *hex, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(SENDER_MOST_BYTES);
	AUTO(json) json_t *json = NULL;
	char name[SHA256_HEX_SIZE + sizeof(".sender")], at[CLOCK_TEXT_SIZE];

	if (!*sender->certificate)
		return 0;
	(void)snprintf(name, sizeof(name), "%s.sender", hex);
	json = JSON_OBJECT({
		json_text("subject", sender->subject),
		json_text("certificate", sender->certificate),
		json_text("at", clock_text(reports->clock.now_s(&reports->clock), at)),
	});
	if (!json) /* a subject that is no UTF-8: the digest says who it was */
		json = JSON_OBJECT({json_text("certificate", sender->certificate)});
	if (json_write(json, &text, err) < 0 ||
		fs_write_file(&reports->fs, reports->dir_fd, name, text.data, text.len, 0640, err) < 0)
		return -1;
	return add_to_share(reports, sender->certificate, err);
}

static int write_report(struct reports *reports, const struct reports_sender *sender, const char *hex,
	const void *body, size_t len, struct error *err)
{
	char name[SHA256_HEX_SIZE + sizeof(".json")];

	(void)snprintf(name, sizeof(name), "%s.json", hex);
	if (fs_exists(&reports->fs, reports->dir_fd, name))
		return 0;
	if (reports->count >= reports->most)
		return error_set(err, ERROR_NO_SPACE,
			"the folder holds %" PRIu64 " reports, as many as it may: move old "
			"ones away and start again",
			reports->count);
	if (*sender->certificate && share_of(reports, sender->certificate) >= reports->share)
		return error_set(err, ERROR_NO_SPACE,
			"certificate %.16s (%s) has sent %" PRIu64 " reports, as many as one may: move old ones away",
			sender->certificate, sender->subject, reports->share);
	if (write_sender(reports, sender, hex, err) < 0 ||
		fs_write_file(&reports->fs, reports->dir_fd, name, body, len, 0640, err) < 0)
		return -1;
	reports->count++;
	return 0;
}

int reports_store(struct reports *reports, const struct reports_sender *sender, const void *body, size_t len,
	struct buf *ret_receipt, struct error *err)
{
	AUTO(json) json_t *report = json_parse(body, len, err);
	char hex[SHA256_HEX_SIZE], at[CLOCK_TEXT_SIZE];
	struct sha256 digest;

	if (!report)
		return error_set(err, ERROR_INPUT, "a report is one JSON object");
	sha256_of(body, len, &digest);
	(void)sha256_hex(&digest, hex);
	if (write_report(reports, sender, hex, body, len, err) < 0)
		return error_context(err, "report %s", hex);
	return buf_printf(ret_receipt, err, "{\"receipt\":\"%s\",\"at\":\"%s\"}\n", hex,
		clock_text(reports->clock.now_s(&reports->clock), at));
}
