#include "tools/server/options.h"

#include <stdio.h>

#include "common/command_line/args.h"

static const struct args_option table[] = {
#define OPTION_TEXT(member, name, value, meaning) {name, value, meaning},
#define OPTION_NUMBER(member, name, value, least, most, usual, meaning)                                              \
	{name, value, meaning "; from " #least " to " #most ", " #usual " unless said otherwise"},
#define OPTION_FLAG(member, name, meaning) {name, NULL, meaning},
	EACH_SERVER_OPTION(OPTION_TEXT, OPTION_NUMBER, OPTION_FLAG)
#undef OPTION_TEXT
#undef OPTION_NUMBER
#undef OPTION_FLAG
	ARGS_HELP,
	ARGS_VERSION,
	{0},
};

void options_print_help(void)
{
	(void)puts("Usage: haishin-server --root DIR --listen ADDRESS:PORT --tls-cert FILE --tls-key FILE "
		   "[OPTION...]\n"
		   "Serves the files of a repository over HTTPS, and collects reports.\n");
	args_print_help(table);
}

static int check_options(const struct server_options *options, struct error *err)
{
	if (!options->root)
		return error_set(err, ERROR_USAGE, "--root is missing: which folder is to be served?");
	if (!options->listen)
		return error_set(err, ERROR_USAGE, "--listen is missing, such as 0.0.0.0:8443");
	if (options->insecure_http && (options->tls_certificate || options->tls_key || options->client_ca))
		return error_set(
			err, ERROR_USAGE, "--insecure-http cannot stand beside --tls-cert, --tls-key or --client-ca");
	if (!options->insecure_http && (!options->tls_certificate || !options->tls_key))
		return error_set(err, ERROR_USAGE,
			"--tls-cert and --tls-key are needed; to serve without TLS, say "
			"--insecure-http");
	if (options->client_crl && !options->client_ca)
		return error_set(err, ERROR_USAGE, "--client-crl needs --client-ca, whose authority signed it");
	return 0;
}

int options_parse(int argc, char **argv, struct server_options *ret_options, struct error *err)
{
	struct server_options options = {0};
	struct args args;

	if (args_init(&args, ARGS_TABLES(table), argc - 1, argv + 1, err) < 0 ||
		args_want_positional(&args, 0, 0, "", err) < 0)
		return -1;
#define OPTION_TEXT(member, name, value, meaning) options.member = args_get(&args, name);
#define OPTION_NUMBER(member, name, value, least, most, usual, meaning)                                              \
	options.member = usual;                                                                                      \
	if (args_integer(&args, name, least, most, &options.member, err) < 0)                                        \
		return -1;
#define OPTION_FLAG(member, name, meaning) options.member = args_has(&args, name);
	EACH_SERVER_OPTION(OPTION_TEXT, OPTION_NUMBER, OPTION_FLAG)
#undef OPTION_TEXT
#undef OPTION_NUMBER
#undef OPTION_FLAG
	if (options.insecure_http && !args_has(&args, "per-address"))
		options.most_per_address = 0; /* behind another server all come from one address */
	options.help = args_has(&args, "help");
	options.version = args_has(&args, "version");
	if (!options.help && !options.version && check_options(&options, err) < 0)
		return -1;
	*ret_options = options;
	return 0;
}
