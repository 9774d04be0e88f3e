/* Writes the seeds of the fuzz targets: real signed metadata and keys, and what is odd about JSON and paths. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/fuzz/make_corpus_formats.h"
#include "tests/support/tuf_repository.h"

static struct folder corpus;

static void put(const char *target, const char *name, const void *data, size_t len)
{
	char path[FOLDER_PATH_SIZE];

	(void)snprintf(path, sizeof(path), "%s/%s", target, name);
	folder_put(&corpus, path, data, len);
}

static void put_texts(const char *target, const char *const *texts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "text-%zu", i);
		put(target, name, texts[i], strlen(texts[i]));
	}
}

static void put_json(const char *target, const char *name, json_t *take_value)
{
	char *text = json_dumps(take_value, JSON_COMPACT);

	put(target, name, text, strlen(text));
	free(text);
	json_decref(take_value);
}

/* A repository with everything that metadata can say. */
static void build(struct tuf_repository *repository)
{
	json_t *delegations;

	tuf_repository_init(repository);
	repository->list_contents = true;
	repository->kind = KEY_ECDSA_P256;
	tuf_repository_add_key(repository, "root", "root");
	repository->kind = KEY_RSA_PSS;
	tuf_repository_add_key(repository, "root", "targets");
	repository->kind = KEY_ED25519;
	tuf_repository_bump(repository, "root");
	tuf_repository_add_target(repository, "targets", "reader-app/acme/reader-app-acme-1.2.3.json", "{}");
	tuf_repository_delegate(repository, "targets", "reader-app/acme", "reader-app/acme/*", true);
	tuf_repository_delegate(repository, "targets", "bins-0", "[!x]*/**/?", false);
	tuf_repository_publish(repository, "reader-app/acme");
	tuf_repository_publish(repository, "bins-0");
	tuf_repository_bump_targets(repository);
	delegations = tuf_repository_member(repository, "targets", "delegations");
	json_object_set_new(delegations, "succinct_roles",
		json_pack("{s:[], s:i, s:i, s:s}", "keyids", "threshold", 1, "bit_length", 4, "name_prefix", "bin"));
	json_object_del(delegations, "roles");
	tuf_repository_bump(repository, "targets");
}

static void put_metadata(struct tuf_repository *repository)
{
	const char *name;
	json_t *hex;

	json_object_foreach (repository->files, name, hex) {
		AUTO(free) char *bytes = NULL;
		size_t len;

		if (strncmp(name, "metadata/", strlen("metadata/")) != 0)
			continue;
		bytes = tuf_repository_bytes(repository, name, &len);
		put("metadata", name + strlen("metadata/"), bytes, len);
		put("canonical_json", name + strlen("metadata/"), bytes, len);
		put("metadata_json", name + strlen("metadata/"), bytes, len);
	}
}

static void put_keys(struct tuf_repository *repository)
{
	for (size_t i = 0; i < repository->keys_count; i++) {
		AUTO(buf) struct buf signature = BUF_INIT(65536);
		char name[32];

		(void)snprintf(name, sizeof(name), "key-%zu", i);
		if (signer_sign(repository->keys[i], "x", 1, &signature, NULL) == 0)
			put_json("key", name,
				json_pack("{s:o, s:s}", "key", signer_public_key(repository->keys[i], NULL), "sig",
					signature.data));
	}
}

int main(int argc, char **argv)
{
	static const char *const documents[] = {"{}", "{\"a\":[1,-0,9223372036854775807,true,false,null,{}]}",
		"{\"\\u0000\":\"\\ud83d\\ude00\\u0000\\\"\\\\\\/\\b\"}", "{\"a\":1.5e3}",
		"{\"b\":{\"b\":{\"a\":[[[[]]]]}},\"a\":\"\"}"};
	static const char *const paths[] = {"*\na", "a/*/?.json\na/b/c.json", "[!a-c]*\nd", "[]]\n]", "**a**b\naab",
		"\xe9\x85\x8d*\n\xe9\x85\x8d\xe4\xbf\xa1", "*/\n../../x y%2F?#"};
	struct tuf_repository repository;

	if (argc == 2)
		(void)mkdir(argv[1], 0755); /* it may be there */
	if (argc != 2)
		return 1;
	(void)snprintf(corpus.path, sizeof(corpus.path), "%s", argv[1]);
	if ((corpus.fd = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0) {
		(void)fprintf(stderr, "usage: make_corpus FOLDER\n");
		return 1;
	}
	build(&repository);
	put_metadata(&repository);
	put_keys(&repository);
	put_texts("metadata_json", documents, ARRAY_SIZE(documents));
	put_texts("canonical_json", documents, ARRAY_SIZE(documents));
	put_texts("tuf_path", paths, ARRAY_SIZE(paths));
	make_corpus_formats(&corpus);
	tuf_repository_clear(&repository);
	(void)close(corpus.fd);
	return 0;
}
