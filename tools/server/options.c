#include "tools/server/options.h"

#include <stdio.h>

#include "common/command_line/args.h"
#include "tools/server/reports.h"

#define MOST_COUNT 100000
#define PER_ADDRESS 128
#define HANDSHAKE_S 10

static const struct args_option table[] = {
	{"root", "DIR", "serve the files below DIR and nothing else"},
	{"listen", "ADDRESS:PORT", "such as 0.0.0.0:8443 or [::]:8443; port 0 takes a free one and prints it"},
	{"port-file", "FILE", "write the port to FILE once connections are accepted"},
	{"tls-cert", "FILE", "the server's certificate with its chain, PEM"},
	{"tls-key", "FILE", "its private key, PEM"},
	{"client-ca", "FILE", "require a client certificate of an authority in FILE, PEM"},
	{"client-crl", "FILE",
		"refuse client certificates that the list in FILE revokes, PEM; read again when it changes"},
	{"access-log", "FILE", "one line for each request; - for standard output"},
	{"reports", "DIR", "keep what is sent to /reports as files in DIR"},
	{"max-connections", "N", "at the same time; 512 unless said otherwise"},
	{"per-address", "N",
		"from one address at the same time; 128 unless said otherwise, with --insecure-http no limit; 0: "
		"none"},
	{"reports-per-client", "N", "kept of one client certificate; 10000 unless said otherwise"},
	{"handshake-timeout", "SECONDS",
		"for a new connection until its first request is there; 10 unless said otherwise"},
	{"insecure-http", NULL, "without TLS, for tests and behind another server"},
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
	struct server_options options = {
		.most_connections = 512, .most_reports = REPORTS_SHARE, .handshake_s = HANDSHAKE_S};
	struct args args;

	if (args_init(&args, ARGS_TABLES(table), argc - 1, argv + 1, err) < 0 ||
		args_want_positional(&args, 0, 0, "", err) < 0 ||
		args_integer(&args, "max-connections", 1, MOST_COUNT, &options.most_connections, err) < 0 ||
		args_integer(&args, "reports-per-client", 1, REPORTS_MOST, &options.most_reports, err) < 0 ||
		args_integer(&args, "handshake-timeout", 1, 3600, &options.handshake_s, err) < 0)
		return -1;
	/* Behind another server all come from one address. */
	options.most_per_address = args_has(&args, "insecure-http") ? 0 : PER_ADDRESS;
	if (args_integer(&args, "per-address", 0, MOST_COUNT, &options.most_per_address, err) < 0)
		return -1;
	options.root = args_get(&args, "root");
	options.listen = args_get(&args, "listen");
	options.port_file = args_get(&args, "port-file");
	options.tls_certificate = args_get(&args, "tls-cert");
	options.tls_key = args_get(&args, "tls-key");
	options.client_ca = args_get(&args, "client-ca");
	options.client_crl = args_get(&args, "client-crl");
	options.access_log = args_get(&args, "access-log");
	options.reports = args_get(&args, "reports");
	options.insecure_http = args_has(&args, "insecure-http");
	options.help = args_has(&args, "help");
	options.version = args_has(&args, "version");
	if (!options.help && !options.version && check_options(&options, err) < 0)
		return -1;
	*ret_options = options;
	return 0;
}
