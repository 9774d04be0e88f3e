#include "tools/server/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>

const char options_help[] =
	"Usage: haishin-server --root DIR --listen ADDRESS:PORT --tls-cert FILE --tls-key FILE [OPTION...]\n"
	"Serves the files of a repository over HTTPS, and collects reports.\n"
	"\n"
	"  --root DIR             serve the files below DIR and nothing else\n"
	"  --listen ADDRESS:PORT  such as 0.0.0.0:8443 or [::]:8443; port 0 takes a free one and prints it\n"
	"  --port-file FILE       write the port to FILE once connections are accepted\n"
	"  --tls-cert FILE        the server's certificate with its chain, PEM\n"
	"  --tls-key FILE         its private key, PEM\n"
	"  --client-ca FILE       require a client certificate of an authority in FILE, PEM\n"
	"  --access-log FILE      one line for each request; - for standard output\n"
	"  --reports DIR          keep what is sent to /reports as files in DIR\n"
	"  --max-connections N    at the same time; 512 unless said otherwise\n"
	"  --per-address N        from one address at the same time; no limit unless said otherwise\n"
	"  --insecure-http        without TLS, for tests and behind another server\n"
	"  --help, --version\n";

enum {
	OPTION_ROOT = 1,
	OPTION_LISTEN,
	OPTION_PORT_FILE,
	OPTION_TLS_CERT,
	OPTION_TLS_KEY,
	OPTION_CLIENT_CA,
	OPTION_ACCESS_LOG,
	OPTION_REPORTS,
	OPTION_MAX_CONNECTIONS,
	OPTION_PER_ADDRESS,
	OPTION_INSECURE_HTTP,
	OPTION_HELP,
	OPTION_VERSION,
};

static const struct option long_options[] = {
	{"root", required_argument, NULL, OPTION_ROOT},
	{"listen", required_argument, NULL, OPTION_LISTEN},
	{"port-file", required_argument, NULL, OPTION_PORT_FILE},
	{"tls-cert", required_argument, NULL, OPTION_TLS_CERT},
	{"tls-key", required_argument, NULL, OPTION_TLS_KEY},
	{"client-ca", required_argument, NULL, OPTION_CLIENT_CA},
	{"access-log", required_argument, NULL, OPTION_ACCESS_LOG},
	{"reports", required_argument, NULL, OPTION_REPORTS},
	{"max-connections", required_argument, NULL, OPTION_MAX_CONNECTIONS},
	{"per-address", required_argument, NULL, OPTION_PER_ADDRESS},
	{"insecure-http", no_argument, NULL, OPTION_INSECURE_HTTP},
	{"help", no_argument, NULL, OPTION_HELP},
	{"version", no_argument, NULL, OPTION_VERSION},
	{0},
};

static int parse_count(const char *name, const char *text, int64_t *ret_count, struct error *err)
{
	char *end;
	long count;

	errno = 0;
	count = strtol(text, &end, 10);
	if (errno || end == text || *end || count < 1 || count > 100000)
		return error_set(err, ERROR_USAGE, "--%s must be a number from 1 to 100000, not '%s'", name, text);
	*ret_count = count;
	return 0;
}

static int take_option(int option, const char *value, struct server_options *options, struct error *err)
{
	const char **texts[] = {
		[OPTION_ROOT] = &options->root,
		[OPTION_LISTEN] = &options->listen,
		[OPTION_PORT_FILE] = &options->port_file,
		[OPTION_TLS_CERT] = &options->tls_certificate,
		[OPTION_TLS_KEY] = &options->tls_key,
		[OPTION_CLIENT_CA] = &options->client_ca,
		[OPTION_ACCESS_LOG] = &options->access_log,
		[OPTION_REPORTS] = &options->reports,
	};

	switch (option) {
	case OPTION_MAX_CONNECTIONS:
		return parse_count("max-connections", value, &options->most_connections, err);
	case OPTION_PER_ADDRESS:
		return parse_count("per-address", value, &options->most_per_address, err);
	case OPTION_INSECURE_HTTP:
		options->insecure_http = true;
		return 0;
	case OPTION_HELP:
		options->help = true;
		return 0;
	case OPTION_VERSION:
		options->version = true;
		return 0;
	default:
		*texts[option] = value;
		return 0;
	}
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
	return 0;
}

int options_parse(int argc, char **argv, struct server_options *ret_options, struct error *err)
{
	struct server_options options = {.most_connections = 512};
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		if (option == '?')
			return error_set(err, ERROR_USAGE,
				"'%s' is not understood, or its value is missing; see --help", argv[optind - 1]);
		if (take_option(option, optarg, &options, err) < 0)
			return -1;
	}
	if (optind < argc)
		return error_set(err, ERROR_USAGE, "'%s' is not understood; see --help", argv[optind]);
	if (!options.help && !options.version && check_options(&options, err) < 0)
		return -1;
	*ret_options = options;
	return 0;
}
