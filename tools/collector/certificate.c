/* haishin-collector certificate: writes a delivery certificate (docs/delivery-certificate.md). */
#include <fcntl.h>
#include <stdio.h>

#include "collector/ledger/delivery_certificate.h"
#include "collector/store/database.h"
#include "common/fs.h"
#include "tools/collector/commands.h"

/* One that is there already may be the one that somebody holds against it. */
static int write_out(const struct buf *text, const char *output, struct error *err)
{
	struct fs fs;

	fs_init(&fs);
	if (!output)
		return fwrite(buf_text(text), 1, text->len, stdout) == text->len && fflush(stdout) == 0
			       ? 0
			       : error_set(err, ERROR_FAILED, "cannot write the certificate");
	if (fs_exists(&fs, AT_FDCWD, output))
		return error_set(
			err, ERROR_USAGE, "'%s' is there already; a certificate is not written over", output);
	return fs_write_file(&fs, AT_FDCWD, output, text->data, text->len, 0644, err);
}

int command_certificate(const struct command_context *context, struct error *err)
{
	const struct delivery_certificate_wish wish = {
		.terminal = args_get(context->args, "terminal"),
		.package = args_get(context->args, "package"),
		.version = args_get(context->args, "release"),
	};
	AUTO(buf) struct buf text = BUF_INIT(DELIVERY_CERTIFICATE_MOST);
	AUTO(database) struct database *database = NULL;
	AUTO(json) json_t *certificate = NULL;

	if (database_open(context->config->store, &database, err) < 0 ||
		delivery_certificate_make(context->config, database, &wish, &certificate, err) < 0 ||
		json_write_pretty(certificate, &text, err) < 0)
		return -1;
	return write_out(&text, args_get(context->args, "output"), err);
}
