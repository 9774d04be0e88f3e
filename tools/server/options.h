/* The command line of haishin-server. */
#ifndef TOOLS_SERVER_OPTIONS_H
#define TOOLS_SERVER_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"

/* TEXT(member, name, what its value is called, meaning), NUMBER(member, name, what its value is called, least, most, unless said otherwise,
 * meaning), FLAG(member, name, meaning), in the order of the help, which is made of them with their bounds; so is the struct below, which
 * goes wherever an option is of use. A name stands in docs/server.md and in packaging/man/haishin-server.8 as well. */
/* clang-format off */
#define EACH_SERVER_OPTION(TEXT, NUMBER, FLAG) \
	TEXT(root, "root", "DIR", "serve the files below DIR and nothing else") \
	TEXT(listen, "listen", "ADDRESS:PORT", "such as 0.0.0.0:8443 or [::]:8443; port 0 takes a free one and prints it") \
	TEXT(port_file, "port-file", "FILE", "write the port to FILE once connections are accepted") \
	TEXT(tls_certificate, "tls-cert", "FILE", "the server's certificate with its chain, PEM") \
	TEXT(tls_key, "tls-key", "FILE", "its private key, PEM") \
	TEXT(client_ca, "client-ca", "FILE", "require a client certificate of an authority in FILE, PEM") \
	TEXT(client_crl, "client-crl", "FILE", \
		"refuse client certificates that the list in FILE revokes, PEM; read again when it changes") \
	TEXT(access_log, "access-log", "FILE", "one line for each request; - for standard output") \
	TEXT(reports, "reports", "DIR", "keep what is sent to /reports as files in DIR") \
	NUMBER(most_connections, "max-connections", "N", 1, 100000, 512, "at the same time") \
	NUMBER(most_per_address, "per-address", "N", 0, 100000, 128, \
		"from one address at the same time, with --insecure-http no limit; 0: none") \
	NUMBER(most_per_certificate, "per-certificate", "N", 0, 100000, 128, \
		"of one client certificate at the same time; 0: any number") \
	NUMBER(most_reports, "reports-per-client", "N", 1, 100000, 10000, "kept of one client certificate") \
	NUMBER(handshake_s, "handshake-timeout", "SECONDS", 1, 3600, 10, "for a new connection until its first request is there") \
	FLAG(insecure_http, "insecure-http", "without TLS, for tests and behind another server")
/* clang-format on */

struct server_options {
#define OPTION_TEXT(member, name, value, meaning) const char *member; /* NULL: not given */
#define OPTION_NUMBER(member, name, value, least, most, usual, meaning) int64_t member;
#define OPTION_FLAG(member, name, meaning) bool member;
	EACH_SERVER_OPTION(OPTION_TEXT, OPTION_NUMBER, OPTION_FLAG)
#undef OPTION_TEXT
#undef OPTION_NUMBER
#undef OPTION_FLAG
	bool help, version;
};

/* ERROR_USAGE names the option that is wrong or missing. The strings are those of ARGV. */
WARN_UNUSED int options_parse(int argc, char **argv, struct server_options *ret_options, struct error *err);

void options_print_help(void);

#endif
