/* The command line of haishin-server. */
#ifndef TOOLS_SERVER_OPTIONS_H
#define TOOLS_SERVER_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"

struct server_options {
	const char *root;
	const char *listen;
	const char *port_file;
	const char *tls_certificate;
	const char *tls_key;
	const char *client_ca;
	const char *client_crl;
	const char *access_log;
	const char *reports;
	int64_t most_connections;
	int64_t most_per_address; /* 0: as many as there are */
	int64_t most_reports;	  /* of one certificate */
	int64_t handshake_s;
	bool insecure_http;
	bool help;
	bool version;
};

/* ERROR_USAGE names the option that is wrong or missing. The strings are those of ARGV. */
WARN_UNUSED int options_parse(int argc, char **argv, struct server_options *ret_options, struct error *err);

void options_print_help(void);

#endif
