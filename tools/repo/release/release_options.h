/* What the command line of `pack` says about a release. */
#ifndef TOOLS_REPO_RELEASE_RELEASE_OPTIONS_H
#define TOOLS_REPO_RELEASE_RELEASE_OPTIONS_H

#include "common/error.h"
#include "manifests/release/release.h"
#include "common/command_line/args.h"

#define RELEASE_OPTIONS                                                                                              \
	{"package", "NAME", "such as face-library or reader-app/acme"}, {"version", "VERSION", "such as 5.1.0"},     \
		{"requires", "PACKAGE=VERSION", "the lowest version of another package; may be repeated"},           \
		{"notes", "LANG=FILE", "what is new, as plain text for people: ja=FILE; may be repeated"},           \
		{"passes-through", "VERSION", "the lowest version that may jump to this one directly"},              \
		{"self-test", "\"CMD ARG...\"",                                                                      \
			"run at boot before the applications; CMD is a file of the release"},                        \
		{"self-test-timeout", "SECONDS", "default 30"},                                                      \
		{"migrate", "\"CMD ARG...\"", "program in it that migrates data/, run once before the self-test"},   \
		{"migrate-timeout", "SECONDS", "default 30"},                                                        \
		{"network", NULL, "self-test, migration and health check ask for the terminal's network"},           \
		{"health", "\"CMD ARG...\"", "run after the applications started"},                                  \
		{"health-unit", "UNIT", "a systemd service that must be active: NAME.service"},                      \
		{"health-url", "URL", "http://localhost... that must answer 200"},                                   \
		{"health-timeout", "SECONDS", "for one try; default 30"},                                            \
		{"health-retries", "N", "tries after the first; default 0"},                                         \
		{"health-retry-pause", "SECONDS", "between tries; default 5"},                                       \
	{                                                                                                            \
		"settle", "SECONDS", "how long it must stay healthy before it counts; default 0"                     \
	}

/* Fills RELEASE, which owns nothing yet, from the options: all but files and payload. */
WARN_UNUSED int release_options_read(const struct args *args, struct release *release, struct error *err);

#endif
