/* Which client certificate to show (F16), and when it ends. */
#ifndef UPDATER_FETCH_CERTIFICATE_H
#define UPDATER_FETCH_CERTIFICATE_H

#include <stdint.h>

#include "common/auto.h"
#include "common/buf.h"
#include "common/digest.h"
#include "common/error.h"
#include "common/fs.h"

struct certificate {
	struct buf pem;	      /* certificate and its chain */
	struct buf key_pem;   /* its private key: a secret */
	char *name;	      /* file name, for messages */
	char *subject;	      /* for people; holds the institution code */
	struct sha256 digest; /* of the certificate as DER: what other tools call its SHA-256 fingerprint */
	int64_t expires_s;
	char former[SHA256_HEX_SIZE]; /* key of the terminal in whose place it was issued; "" */
};

/* Chooses among the "*.pem" of a folder (certificate, with its key in the same file or in NAME.key): the one that
 * bears INSTITUTION_CODE (10 digits, in its subject); where the code is NULL, or none bears it, the one that expires
 * last. ERROR_CERTIFICATE: none installed, or the best one has expired by NOW_S or is not valid yet. */
WARN_UNUSED int certificate_choose(struct fs *fs, int dir_fd, const char *institution_code, int64_t now_s,
	struct certificate *ret_certificate, struct error *err);
/* When the first certificate in PEM ends; 0 where it is none. */
int64_t certificate_end(const char *pem);

/* Why there is none to show, from the ERR of certificate_choose. */
enum certificate_fault {
	CERTIFICATE_MISSING,
	CERTIFICATE_UNUSABLE, /* none with its key, or a file that cannot be read */
	CERTIFICATE_EXPIRED,
	CERTIFICATE_NOT_YET, /* valid only from a later time on */
};
enum certificate_fault certificate_fault_of(const struct error *err);

void certificate_clear(struct certificate *certificate);
DEFINE_AUTO(certificate, struct certificate, certificate_clear);

/* The day count at which to warn (90, 30 or 7) that has been reached, 0 while none has, -1 once it has expired. */
int certificate_warning_days(int64_t expires_s, int64_t now_s);

#endif
