/* The metadata in the publisher's folder: documents {"signatures", "signed"}, one for each role, as clients see them
 * now (published) or as they shall be (staged, waiting for signatures and for `publish`). tools/repo/metadata/roles.h changes
 * what is in "signed", tools/repo/metadata/signing.h adds the signatures. */
#ifndef TOOLS_REPO_METADATA_DOCUMENTS_H
#define TOOLS_REPO_METADATA_DOCUMENTS_H

#include <stdint.h>

#include "common/error.h"
#include "common/json.h"
#include "tools/repo/base/workspace.h"

#define DOCUMENTS_MAX_BYTES (64u << 20) /* of one document */
#define DOCUMENTS_ROLE_FILE_SIZE 256

/* "ROLE" with all but A-Z a-z 0-9 - . _ ~ as %XX: the name of its files. ERROR_INPUT where it is too long for one. */
WARN_UNUSED int documents_role_file(
	const char *role, char ret_name[static DOCUMENTS_ROLE_FILE_SIZE], struct error *err);

/* The published document of ROLE, a new reference; NULL with no error where the role is not published. ERROR_DAMAGED
 * where the snapshot, or the document that the snapshot lists, is missing. */
WARN_UNUSED int documents_published(
	const struct workspace *workspace, const char *role, json_t **ret_document, struct error *err);
/* What is staged for it; NULL with no error where nothing is. */
WARN_UNUSED int documents_staged(
	const struct workspace *workspace, const char *role, json_t **ret_document, struct error *err);
/* What is staged, or else published. */
WARN_UNUSED int documents_current(
	const struct workspace *workspace, const char *role, json_t **ret_document, struct error *err);

/* The roles that are staged, as a sorted array of names. A new reference, NULL on failure. */
json_t *documents_staged_roles(const struct workspace *workspace, struct error *err);

/* A copy of a role's current "signed", to be changed and staged; NULL with no error where there is none. */
WARN_UNUSED int documents_edit(
	const struct workspace *workspace, const char *role, json_t **ret_signed, struct error *err);
/* A new "signed" of TYPE, without what is particular to it. NULL where there is no memory. */
json_t *documents_new_body(const char *type);

/* Stages BODY as the next version of ROLE, with a new expiry and no signatures. BODY is changed so. */
WARN_UNUSED int documents_stage(const struct workspace *workspace, const char *role, json_t *body, struct error *err);
/* Writes a whole staged document, for signatures. */
WARN_UNUSED int documents_put_staged(
	const struct workspace *workspace, const char *role, const json_t *document, struct error *err);
/* Removes what is staged for a role; nothing there is fine. */
WARN_UNUSED int documents_drop_staged(const struct workspace *workspace, const char *role, struct error *err);

/* Writes a whole document as clients see it: under its version and role, timestamp under its name alone. */
WARN_UNUSED int documents_publish(
	const struct workspace *workspace, const char *role, const json_t *document, struct error *err);

/* The version of a document; 0 for NULL. */
int64_t documents_version(const json_t *document);
/* Version, expiry and time of signing for a document that is about to be signed: VERSION, or so many later as the workspace
 * says, of root excepted. */
WARN_UNUSED int documents_date(
	const struct workspace *workspace, const char *role, json_t *body, int64_t version, struct error *err);

#endif
