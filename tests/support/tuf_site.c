#include "tests/support/tuf_site.h"

#include <stdio.h>
#include <string.h>

#include "manifests/tuf/tuf_download.h"

void tuf_site_init(struct tuf_site *site)
{
	AUTO(free) char *root = NULL;
	size_t len;

	*site = (struct tuf_site){.now_s = TUF_NOW_S};
	tuf_repository_init(&site->repository);
	folder_init(&site->metadata);
	folder_init(&site->targets);
	fs_init(&site->fs);
	site->env.fs = &site->fs;
	site->env.transport = &site->repository.transport;
	root = tuf_repository_bytes(&site->repository, "metadata/1.root.json", &len);
	if (!root || tuf_client_init(&site->fs, site->metadata.fd, root, len, &site->err) < 0) {
		(void)fprintf(stderr, "test site: %s\n", site->err.text);
		abort();
	}
}

void tuf_site_clear(struct tuf_site *site)
{
	tuf_repository_clear(&site->repository);
	folder_clear(&site->metadata);
	folder_clear(&site->targets);
}

struct tuf_client_options tuf_site_options(const struct tuf_site *site)
{
	return (struct tuf_client_options){
		.metadata_dir_fd = site->metadata.fd,
		.metadata_url = TUF_METADATA_URL,
		.start_time_s = site->now_s,
		.keep_time_floor = site->keep_time_floor,
	};
}

int tuf_site_download(struct tuf_site *site, const char *const *paths)
{
	struct tuf_client_options options = tuf_site_options(site);
	AUTO(tuf_client) struct tuf_client *client = NULL;

	site->err = (struct error){0};
	tuf_repository_forget_requests(&site->repository);
	if (tuf_client_open(&site->env, &options, &client, &site->err) < 0 ||
		tuf_client_refresh(client, &site->err) < 0)
		return -1;
	for (; *paths; paths++) {
		AUTO(tuf_target) struct tuf_target target = {0};

		if (tuf_client_find(client, *paths, &target, &site->err) < 0 ||
			tuf_download(&site->env, site->targets.fd, TUF_TARGETS_URL, &target, &site->err) < 0)
			return -1;
	}
	return 0;
}

int tuf_site_refresh(struct tuf_site *site)
{
	return tuf_site_download(site, (const char *const[]){NULL});
}

int tuf_site_download_one(struct tuf_site *site, const char *path)
{
	return tuf_site_download(site, (const char *const[]){path, NULL});
}

int64_t tuf_site_version(struct tuf_site *site, const char *name)
{
	AUTO(json) json_t *document = NULL;
	AUTO(free) char *bytes = NULL;
	char file[FOLDER_PATH_SIZE];
	size_t len;

	(void)snprintf(file, sizeof(file), "%s.json", name);
	if (!(bytes = folder_get(&site->metadata, file, &len)) || !(document = json_parse(bytes, len, NULL)))
		return 0;
	return json_integer_value(json_object_get(json_object_get(document, "signed"), "version"));
}

bool tuf_site_has_bytes(struct tuf_site *site, const char *name, const char *served)
{
	AUTO(free) char *here = NULL;
	AUTO(free) char *there = NULL;
	size_t here_len, there_len;

	here = folder_get(&site->metadata, name, &here_len);
	there = tuf_repository_bytes(&site->repository, served, &there_len);
	return here && there && here_len == there_len && memcmp(here, there, here_len) == 0;
}

char *tuf_site_target(struct tuf_site *site, const char *file)
{
	return folder_get(&site->targets, file, NULL);
}
