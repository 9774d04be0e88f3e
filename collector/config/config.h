/* The collector's settings: one INI file (docs/collector.md lists the keys), read once at the start. What is
 * unknown, given twice or makes no sense is refused with file and line, so that nobody believes in a setting that
 * does nothing. */
#ifndef COLLECTOR_CONFIG_CONFIG_H
#define COLLECTOR_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/auto.h"
#include "common/error.h"

#define CONFIG_TEXT_SIZE 512
#define CONFIG_ROLES_MOST 256
#define CONFIG_PACKAGES_SIZE 1024

/* Who may see what (docs/collector.md, "Roles"). */
enum role_kind { ROLE_TERMINAL, ROLE_OPERATOR, ROLE_VENDOR, ROLE_AUDITOR };

/* One section [role NAME]: the bearer of a certificate with this subject. */
struct config_role {
	char name[64];
	enum role_kind kind;
	char subject[CONFIG_TEXT_SIZE];	     /* as RFC 4514 writes it: "CN=Tanaka,O=Operator" */
	char packages[CONFIG_PACKAGES_SIZE]; /* of a vendor: names with one blank between them and around them */
	bool shows_terminals;		     /* to a vendor: names of terminals rather than pseudonyms */
};

struct config {
	char listen[CONFIG_TEXT_SIZE]; /* "ADDRESS:PORT", or "unix:PATH" */
	char address[CONFIG_TEXT_SIZE]; /* "https://HOST:PORT", as others reach it; "" */
	bool behind_proxy;	       /* plain HTTP; the proxy hands on the certificate that it verified */
	char tls_certificate[CONFIG_TEXT_SIZE];
	char tls_key[CONFIG_TEXT_SIZE];
	char client_ca[CONFIG_TEXT_SIZE];
	char client_crl[CONFIG_TEXT_SIZE];    /* certificates of these that are revoked; "" for none */
	char store[CONFIG_TEXT_SIZE];	      /* path of the SQLite file, or "postgresql://..." */
	int64_t keep_days;		      /* reports older than this are dropped, by whole months */
	int64_t connections;		      /* at the same time */
	int64_t per_address;		      /* of them from one address, where no proxy stands before */
	int64_t per_certificate;	      /* of them of one client certificate, where no proxy stands before */
	int64_t handshake_s;		      /* a new one has so long for TLS and its first request */
	int64_t reports_per_hour;	      /* of one certificate; twice as many at once after a pause */
	int64_t waiting;		      /* reports that may wait for the store at the same time */
	int64_t silent_after_s;		      /* a terminal is silent so long after the end of its window */
	char ledger_folder[CONFIG_TEXT_SIZE]; /* "": no ledger is written */
	char ledger_origin[CONFIG_TEXT_SIZE]; /* the ledger's name */
	char ledger_key[CONFIG_TEXT_SIZE];    /* file of the key that signs it, or its URI in a token */
	char ledger_passphrase
		[CONFIG_TEXT_SIZE]; /* file of the passphrase that opens the key; "": it is not locked */
	char ledger_pin[CONFIG_TEXT_SIZE]; /* file of the token's PIN; "": none */
	char ledger_policy
		[CONFIG_TEXT_SIZE]; /* file that names its witnesses, as terminals have it; "": none are asked */
	char brake_key[CONFIG_TEXT_SIZE];	 /* file of the key that signs the brake's statements; "": none are made */
	char brake_passphrase[CONFIG_TEXT_SIZE]; /* file of the passphrase that opens it; "": it is not locked */
	char brake_pin[CONFIG_TEXT_SIZE];	 /* file of the PIN where it is in a token; "" */
	char brake_file[CONFIG_TEXT_SIZE];	 /* where the statement is written, for terminals to fetch; "": it is only answered */
	int64_t brake_every_s;			 /* a new statement is signed at least so often */
	char metadata_repository[CONFIG_TEXT_SIZE]; /* folder of the published repository; "": not looked at */
	char metadata_shelf[CONFIG_TEXT_SIZE];	    /* where its metadata are kept as they were */
	char authority_certificate[CONFIG_TEXT_SIZE]; /* "": no certificates are issued here */
	char authority_key[CONFIG_TEXT_SIZE]; /* a file, or a URI */
	char authority_pin[CONFIG_TEXT_SIZE];
	char authority_crl[CONFIG_TEXT_SIZE]; /* where the list of those that are revoked is written */
	int64_t authority_days;		      /* that a certificate is valid */
	int64_t tries_per_hour;		      /* to enrol, from one address; twice as many at once after a pause */
	int64_t summary_s; /* the fleet's figures are at most so old, where they take long to gather */
	struct config_role *roles;
	size_t roles_count;
};

/* Reads FILE; NULL: the defaults alone. ERROR_INPUT: "FILE:LINE: what is wrong"; ERROR_NOT_FOUND. */
WARN_UNUSED int config_load(const char *file, struct config *ret_config, struct error *err);
void config_clear(struct config *config);
DEFINE_AUTO(config, struct config, config_clear);

/* Sets one setting as a line of the file would: for the command line. ERROR_INPUT. */
WARN_UNUSED int config_set(
	struct config *config, const char *section, const char *key, const char *value, struct error *err);

/* Under systemd's LoadCredential=keys:FOLDER the service reads the keys, passphrases and PINs below FOLDER from its credentials, which nobody else can
 * read: settings go on to name the files. Does nothing elsewhere. */
void config_use_credentials(struct config *config);

/* What must be there together: ERROR_INPUT names what is missing. */
WARN_UNUSED int config_check(const struct config *config, struct error *err);

/* The role that a certificate's SUBJECT was given; NULL: none, so it is a terminal's. */
const struct config_role *config_role_of(const struct config *config, const char *subject);

const char *role_kind_name(enum role_kind kind);

#endif
