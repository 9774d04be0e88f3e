#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/auto.h"
#include "common/env.h"
#include "manifests/catalog/catalog.h"
#include "manifests/release/release.h"
#include "manifests/rollout/brake.h"
#include "manifests/tuf/tuf_client.h"
#include "manifests/tuf/tuf_download.h"
#include "manifests/tuf/tuf_path.h"
#include "tools/repo/base/workspace.h"
#include "tools/repo/commands/commands.h"
#include "tools/repo/metadata/documents.h"
#include "tools/repo/release/payload.h"
#include "updater/fetch/http.h"

#define ROOT_MAX_BYTES 512000
#define METADATA_BYTES (64u << 20)
#define PEM_MAX_BYTES 1048576

static const struct args_option options[] = {
	OPTION_REPO,
	{"url", "URL", "verify what a server gives instead: the folder above metadata/ and targets/"},
	{"root", "FILE", "the root that clients trust; default: the repository's first"},
	{"ca", "FILE", "whom to trust as a server, PEM; default: the machine's own list"},
	{"certificate", "FILE", "the client certificate that the server asks for, PEM"},
	{"certificate-key", "FILE", "its private key, PEM"},
	OPTION_JSON,
	OPTIONS_END,
};

/* A client of its own in a folder that is thrown away. */
struct verification {
	const struct tool *tool;
	struct env env;
	struct buf ca; /* what these options name, read; empty if not given */
	struct buf certificate;
	struct buf certificate_key;
	struct transport *transport;
	struct tuf_client *client;
	char folder[256]; /* "" until it is made */
	int metadata_fd;
	int targets_fd;
	char url[PATH_MAX + 16]; /* without '/' at the end */
	char targets_url[PATH_MAX + 32];
	json_t *roles;	 /* role -> signed */
	json_t *checked; /* array of {"path", "role", "bytes"} */
};

static void verification_clear(struct verification *v)
{
	int failed = 0; /* what is left of a temporary folder has no bearing on the result */

	tuf_client_free(v->client);
	http_close(v->transport);
	fd_close(&v->metadata_fd);
	fd_close(&v->targets_fd);
	if (*v->folder)
		failed = fs_remove_tree(v->tool->fs, AT_FDCWD, v->folder, NULL);
	buf_clear(&v->ca);
	buf_clear(&v->certificate);
	buf_wipe(&v->certificate_key);
	json_decref(v->roles);
	json_decref(v->checked);
	(void)failed;
}
DEFINE_AUTO(verification, struct verification, verification_clear);

static int make_folders(struct verification *v, struct error *err)
{
	const char *above = getenv("TMPDIR");
	char path[300];

	(void)snprintf(v->folder, sizeof(v->folder), "%.200s/haishin-verify.XXXXXX", above ? above : "/tmp");
	if (!mkdtemp(v->folder)) {
		int sys = errno;

		v->folder[0] = '\0';
		return error_system(err, sys, "cannot make a folder below '%s'", above ? above : "/tmp");
	}
	(void)snprintf(path, sizeof(path), "%s/metadata", v->folder);
	if (fs_make_dirs(v->tool->fs, AT_FDCWD, path, 0700, err) < 0 ||
		(v->metadata_fd = fs_open_dir(v->tool->fs, AT_FDCWD, path, err)) < 0)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/targets", v->folder);
	if (fs_make_dirs(v->tool->fs, AT_FDCWD, path, 0700, err) < 0)
		return -1;
	return (v->targets_fd = fs_open_dir(v->tool->fs, AT_FDCWD, path, err)) < 0 ? -1 : 0;
}

/* The folder to verify: where --repo is a publisher's folder, what it has published. Bytes that a URL cannot hold
 * become %XX. */
static int find_url(struct verification *v, char ret_folder[static PATH_MAX], struct error *err)
{
	const char *repo = args_get(v->tool->args, "repo");
	const char *url = args_get(v->tool->args, "url");
	char path[PATH_MAX];
	size_t used;

	(void)snprintf(path, sizeof(path), "%s/repository", repo ? repo : ".");
	if (!fs_exists(v->tool->fs, AT_FDCWD, path))
		(void)snprintf(path, sizeof(path), "%s", repo ? repo : ".");
	if (!realpath(path, ret_folder))
		return error_system(err, errno, "cannot find '%s'", path);
	if (url) {
		used = (size_t)snprintf(v->url, sizeof(v->url), "%s", url);
		if (used >= sizeof(v->url))
			return error_set(err, ERROR_USAGE, "--url is too long");
		if (used && v->url[used - 1] == '/')
			v->url[used - 1] = '\0';
		return 0;
	}
	used = (size_t)snprintf(v->url, sizeof(v->url), "file://");
	for (const char *c = ret_folder; *c && used + 4 < sizeof(v->url); c++)
		used += (size_t)snprintf(v->url + used, sizeof(v->url) - used,
			strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/", *c) ? "%c"
													  : "%%%02X",
			(unsigned char)*c);
	return 0;
}

/* A terminal takes it for an attack that holds news back; whoever runs the repository has forgotten to sign. */
static int explain_expiry(struct error *err)
{
	char found[sizeof(err->text)];
	const char *what = strstr(err->text, "attack: ");

	if (err->code != ERROR_EXPIRED || !what)
		return -1;
	(void)snprintf(found, sizeof(found), "%s", what + strlen("attack: "));
	found[strcspn(found, ";,")] = '\0';
	return error_set(err, ERROR_EXPIRED,
		"%s, and terminals refuse it: run \"haishin-repo refresh\" for snapshot and timestamp, and sign "
		"other roles "
		"anew (\"haishin-repo status\" lists them)",
		found);
}

static int trust_root(struct verification *v, const char *folder, struct error *err)
{
	AUTO(buf) struct buf root = BUF_INIT(ROOT_MAX_BYTES);
	const char *path = args_get(v->tool->args, "root");
	char first[PATH_MAX + 32];

	(void)snprintf(first, sizeof(first), "%s/metadata/1.root.json", folder);
	if (!path && !fs_exists(v->tool->fs, AT_FDCWD, first))
		return error_set(err, ERROR_NOT_FOUND,
			"'%s' holds no repository: name a publisher's folder with --repo, or what a server gives with --url and --root",
			folder);
	if (fs_read_given(v->tool->fs, path ? path : first, &root, err) < 0)
		return -1;
	return tuf_client_init(v->tool->fs, v->metadata_fd, root.data, root.len, err);
}

static int read_pem(const struct verification *v, const char *option, struct buf *ret_pem, struct error *err)
{
	const char *path = args_get(v->tool->args, option);

	*ret_pem = (struct buf)BUF_INIT(PEM_MAX_BYTES);
	if (!path || fs_read_given(v->tool->fs, path, ret_pem, err) == 0)
		return 0;
	return error_context(err, "--%s", option);
}

static int open_transport(struct verification *v, struct error *err)
{
	struct http_options http = {.redirects = HTTP_REDIRECTS_ANY, .stop_fd = -1};

	if (read_pem(v, "ca", &v->ca, err) < 0 || read_pem(v, "certificate", &v->certificate, err) < 0 ||
		read_pem(v, "certificate-key", &v->certificate_key, err) < 0)
		return -1;
	http.ca_pem = v->ca.data;
	http.certificate_pem = v->certificate.data;
	http.key_pem = v->certificate_key.data;
	return http_open(&http, &v->transport, err);
}

static int open_client(struct verification *v, struct error *err)
{
	char metadata_url[PATH_MAX + 32];
	char folder[PATH_MAX];
	struct tuf_client_options client = {.metadata_url = metadata_url};

	v->metadata_fd = v->targets_fd = -1;
	v->roles = json_object();
	v->checked = json_array();
	if (find_url(v, folder, err) < 0 || make_folders(v, err) < 0 || trust_root(v, folder, err) < 0 ||
		open_transport(v, err) < 0)
		return -1;
	(void)snprintf(metadata_url, sizeof(metadata_url), "%s/metadata", v->url);
	(void)snprintf(v->targets_url, sizeof(v->targets_url), "%s/targets", v->url);
	v->env = (struct env){
		.clock = v->tool->clock, .fs = v->tool->fs, .transport = v->transport, .log = v->tool->log};
	client.metadata_dir_fd = v->metadata_fd;
	client.start_time_s = v->tool->clock->now_s(v->tool->clock);
	if (tuf_client_open(&v->env, &client, &v->client, err) < 0)
		return -1;
	return tuf_client_refresh(v->client, err) < 0 ? explain_expiry(err) : 0;
}

/* Takes over what the client trusts for a role; a role that was never published is left out. */
static int take_role(struct verification *v, const char *role, struct error *err)
{
	AUTO(buf) struct buf bytes = BUF_INIT(METADATA_BYTES);
	AUTO(json) json_t *document = NULL;
	char name[DOCUMENTS_ROLE_FILE_SIZE];
	char file[DOCUMENTS_ROLE_FILE_SIZE + 8];

	if (documents_role_file(role, name, err) < 0)
		return -1;
	(void)snprintf(file, sizeof(file), "%s.json", name);
	if (!fs_exists(v->tool->fs, v->metadata_fd, file))
		return 0;
	if (fs_read_file(v->tool->fs, v->metadata_fd, file, &bytes, err) < 0 ||
		!(document = json_parse(bytes.data, bytes.len, err)))
		return -1;
	return json_object_set(v->roles, role, json_object_get(document, "signed")) < 0
		       ? error_set(err, ERROR_FAILED, "no memory for metadata")
		       : 0;
}

/* Makes the client load a delegated role, by asking for a path that only this role may sign. */
static int load_delegated(struct verification *v, const json_t *delegation, struct error *err)
{
	const char *role = json_string_value(json_object_get(delegation, "name"));
	const char *pattern = json_string_value(json_array_get(json_object_get(delegation, "paths"), 0));
	AUTO(tuf_target) struct tuf_target target = {0};
	struct error why = {0};
	AUTO(free) char *path = pattern ? strdup(pattern) : NULL;

	if (!role || !path)
		return 0;
	for (char *c = path; *c; c++)
		if (*c == '*' || *c == '?')
			*c = 'x';
	if (tuf_client_find(v->client, path, &target, &why) < 0 && why.code != ERROR_NOT_FOUND)
		return error_set(err, why.code, "%s", why.text);
	return take_role(v, role, err);
}

static int load_roles(struct verification *v, struct error *err)
{
	const json_t *delegations;
	const json_t *entry;
	size_t i;

	if (take_role(v, "targets", err) < 0)
		return -1;
	delegations = json_object_get(json_object_get(v->roles, "targets"), "delegations");
	json_array_foreach (json_object_get(delegations, "roles"), i, entry)
		if (load_delegated(v, entry, err) < 0)
			return -1;
	return 0;
}

/* Downloads one target as a terminal would, and opens it. The name is gone already: the bytes live as long as the
 * descriptor. */
static int fetch(struct verification *v, const char *path, struct tuf_target *target, struct error *err)
{
	AUTO(buf) struct buf name = BUF_INIT(TUF_PATH_MAX_BYTES);
	AUTO(fd) int fd = -1;

	if (tuf_client_find(v->client, path, target, err) < 0 ||
		tuf_download(&v->env, v->targets_fd, v->targets_url, target, err) < 0 ||
		tuf_target_file_name(path, &name, err) < 0 ||
		(fd = fs_open(v->tool->fs, v->targets_fd, buf_text(&name), O_RDONLY, err)) < 0 ||
		fs_remove(v->tool->fs, v->targets_fd, buf_text(&name), err) < 0)
		return -1;
	if (json_array_append_new(v->checked, JSON_OBJECT({
						      json_text("path", path),
						      json_text("role", target->role),
						      json_number("bytes", target->length),
					      })) < 0)
		return error_set(err, ERROR_FAILED, "no memory for a list of targets");
	return take_fd(&fd);
}

static int read_all(int fd, struct buf *ret_bytes, struct error *err)
{
	char chunk[65536];
	ssize_t got;

	while ((got = read(fd, chunk, sizeof(chunk))) > 0)
		if (buf_append(ret_bytes, chunk, (size_t)got, err) < 0)
			return -1;
	return got < 0 ? error_system(err, errno, "cannot read") : 0;
}

static int check_payload(struct verification *v, const struct release *release, struct error *err)
{
	AUTO(tuf_target) struct tuf_target target = {0};
	AUTO(fd) int fd = fetch(v, release->payload_target, &target, err);

	if (fd < 0)
		return -1;
	if (target.length != release->payload_length || !sha256_equal(&target.sha256, &release->payload_sha256))
		return error_set(err, ERROR_REFUSED, "its payload is not the one that its release describes");
	return payload_check(fd, release, err);
}

static int check_clear(struct verification *v, const char *path, struct error *err)
{
	AUTO(buf) struct buf bytes = BUF_INIT(RELEASE_MAX_BYTES);
	AUTO(tuf_target) struct tuf_target target = {0};
	AUTO(release) struct release *release = NULL;
	AUTO(fd) int fd = fetch(v, path, &target, err);

	if (fd < 0 || read_all(fd, &bytes, err) < 0 || release_parse(bytes.data, bytes.len, &release, err) < 0)
		return -1;
	if (!target.package || !target.version || strcmp(target.package, release->package) != 0 ||
		strcmp(target.version, release->version) != 0)
		return error_set(
			err, ERROR_REFUSED, "its metadata says another package or version than the release itself");
	return check_payload(v, release, err);
}

/* What terminals would make of the brake's statement: not having one is no fault of the repository, and keeps the rollout waiting. */
static void warn_of_brake(struct verification *v, const struct catalog_package *package)
{
	AUTO(buf) struct buf bytes = BUF_INIT(BRAKE_MAX_BYTES);
	AUTO(brake) struct brake *brake = NULL;
	enum brake_state state;
	struct error why = {0};

	if (tuf_client_fetch_statement(v->client, BRAKE_ROLE, BRAKE_PATH, &bytes, &why) == 0)
		(void)!brake_parse(buf_text(&bytes), bytes.len, &brake, &why);
	state = brake_ask(brake, package->name, package->candidate, tuf_client_now_s(v->client), NULL);
	if (state == BRAKE_STOPPED)
		log_line(v->tool->log, LOG_LEVEL_WARNING, "%s %s is stopped by the brake", package->name,
			package->candidate->version);
	else if (state != BRAKE_GOOD && !package->candidate->does_without_brake)
		log_line(v->tool->log, LOG_LEVEL_WARNING, "%s %s waits: %s", package->name, package->candidate->version,
			state == BRAKE_STALE ? "the brake's statement is too old" : why.text);
}

/* The release that the vendor signed is the one that the operator tries. */
static int check_candidate(struct verification *v, const struct catalog_package *package, struct error *err)
{
	AUTO(tuf_target) struct tuf_target tried = {0};
	char hex[SHA256_HEX_SIZE];

	if (tuf_client_find(v->client, package->candidate->release_target, &tried, err) < 0)
		return -1;
	if (!tried.has_sha256 || strcmp(sha256_hex(&tried.sha256, hex), package->candidate->digest) != 0)
		return error_set(err, ERROR_REFUSED, "its release is not the one that the rollout began with");
	if (package->candidate->state == CANDIDATE_RUNNING)
		warn_of_brake(v, package);
	return 0;
}

static int check_catalog(struct verification *v, const char *path, struct error *err)
{
	AUTO(buf) struct buf bytes = BUF_INIT(CATALOG_MAX_BYTES);
	AUTO(tuf_target) struct tuf_target target = {0};
	AUTO(catalog) struct catalog *catalog = NULL;
	AUTO(fd) int fd = fetch(v, path, &target, err);

	if (fd < 0 || read_all(fd, &bytes, err) < 0 || catalog_parse(bytes.data, bytes.len, &catalog, err) < 0)
		return -1;
	for (size_t i = 0; i < catalog->packages_count; i++) {
		AUTO(tuf_target) struct tuf_target offered = {0};

		if (tuf_client_find(v->client, catalog->packages[i].release_target, &offered, err) < 0)
			return error_context(
				err, "it offers %s %s", catalog->packages[i].name, catalog->packages[i].version);
		if (catalog->packages[i].candidate && check_candidate(v, &catalog->packages[i], err) < 0)
			return error_context(err, "it tries %s %s", catalog->packages[i].name,
				catalog->packages[i].candidate->version);
	}
	return 0;
}

static int check_target(struct verification *v, const char *path, const json_t *entry, struct error *err)
{
	const char *kind = json_string_value(
		json_object_get(json_object_get(json_object_get(entry, "custom"), "haishin"), "kind"));
	AUTO(tuf_target) struct tuf_target target = {0};
	AUTO(fd) int fd = -1;

	if (kind && strcmp(kind, "payload") == 0)
		return 0; /* with its release */
	if (kind && strcmp(kind, "release") == 0)
		return check_clear(v, path, err);
	if (kind && strcmp(kind, "catalog") == 0)
		return check_catalog(v, path, err);
	return (fd = fetch(v, path, &target, err)) < 0 ? -1 : 0;
}

static int check_targets(struct verification *v, struct error *err)
{
	const char *role;
	const json_t *body;

	json_object_foreach (v->roles, role, body) {
		const char *path;
		const json_t *entry;

		json_object_foreach (json_object_get(body, "targets"), path, entry)
			if (check_target(v, path, entry, err) < 0)
				return error_context(err, "%s", path);
	}
	return 0;
}

static int print_result(const struct verification *v, struct error *err)
{
	const json_t *entry;
	uint64_t bytes = 0;
	size_t i;

	if (v->tool->json)
		return tool_print_json(v->checked, err);
	json_array_foreach (v->checked, i, entry)
		bytes += (uint64_t)json_integer_value(json_object_get(entry, "bytes"));
	(void)printf("Verified as a client sees it: %zu roles, %zu target files of %llu bytes.\n",
		json_object_size(v->roles) + 3, json_array_size(v->checked), (unsigned long long)bytes);
	return 0;
}

static int run(struct tool *tool, struct error *err)
{
	AUTO(verification) struct verification v = {.tool = tool, .metadata_fd = -1, .targets_fd = -1};

	if (args_want_positional(tool->args, 0, 0, "", err) < 0 || open_client(&v, err) < 0 ||
		load_roles(&v, err) < 0 || check_targets(&v, err) < 0)
		return -1;
	return print_result(&v, err);
}

const struct command command_verify = {
	.name = "verify",
	.arguments = "[--repo DIR | --url URL --root FILE] [--json]",
	.summary = "Verify a whole repository as a client sees it",
	.help = "Runs the client's own code from the first root on: every signature, expiry and target file, every "
		"frame and file\n"
		"of every payload, and that the catalog offers nothing that is not there.\n",
	.options = options,
	.run = run,
};
