/* Delivery certificates (docs/delivery-certificate.md): each part is checked by itself, and nothing is believed because it is
 * in the file. */
#ifndef TOOLS_AUDIT_AUDIT_DELIVERY_H
#define TOOLS_AUDIT_AUDIT_DELIVERY_H

#include <stdint.h>

#include "common/buf.h"
#include "common/error.h"
#include "ledger/note/span.h"
#include "ledger/proof/policy.h"
#include "ledger/proof/policy_judge.h"
#include "ledger/proof/terminal_certificate.h"
#include "manifests/base/package.h"
#include "manifests/base/version.h"
#include "tools/audit/audit_findings.h"
#include "tools/audit/audit_release.h"

#define DELIVERY_CERTIFICATE_FORM "haishin-delivery-certificate-1"
#define DELIVERY_CERTIFICATE_MAX_BYTES (32u << 20)

/* Whom the auditor believes. Borrowed. */
struct audit_trust {
	const struct policy *policy;
	const struct buf *root; /* of The Update Framework, JSON */
	const struct buf *ca;	/* authorities of client certificates, PEM */
};

/* What was found; each is true only where no finding is of its part. */
struct audit_delivery {
	char package[PACKAGE_NAME_SIZE];
	char version[VERSION_TEXT_SIZE];
	char terminal[SHA256_HEX_SIZE];
	char institution[TERMINAL_INSTITUTION_SIZE];
	char digest[SHA256_HEX_SIZE]; /* of the release */
	char role[AUDIT_ROLE_SIZE];   /* that signed it */
	int64_t confirmed_s;	      /* as the terminal says */
	uint64_t entry;
	struct policy_verdict verdict;
};

/* What does not hold is in FINDINGS. -1 where the file is no delivery certificate at all. */
WARN_UNUSED int audit_delivery_check(struct span file, const struct audit_trust *trust,
	struct audit_delivery *ret_delivery, struct findings *findings, struct error *err);

#endif
