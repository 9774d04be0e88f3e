#include "tests/support/payload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <archive.h>
#include <archive_entry.h>
#include <zstd.h>

#define BYTES_MOST (512u << 20)
#define ENTRIES_MOST 4096
#define FRAMES_MOST 65536

struct builder {
	struct buf tar;
	struct release release;
	struct release_file files[ENTRIES_MOST];
	char paths[ENTRIES_MOST][256];
	size_t begins[ENTRIES_MOST]; /* where each entry's header begins in the tar */
	struct release_frame *frames;
};

static void want(bool condition, const char *what)
{
	if (condition)
		return;
	(void)fprintf(stderr, "test payload: cannot %s\n", what);
	abort();
}

static la_ssize_t take_tar(struct archive *archive, void *context, const void *data, size_t len)
{
	struct builder *builder = context;

	(void)archive;
	want(buf_append(&builder->tar, data, len, NULL) == 0, "keep the tar");
	return (la_ssize_t)len;
}

static void describe(struct release_file *file, const struct payload_entry *entry, char path[static 256])
{
	size_t len = strlen(entry->path);
	bool is_folder = entry->path[len - 1] == '/';

	(void)snprintf(path, 256, "%.*s", (int)(is_folder ? len - 1 : len), entry->path);
	*file = (struct release_file){.path = path, .link = entry->link, .size = entry->size};
	file->type = entry->link ? RELEASE_LINK : is_folder ? RELEASE_FOLDER : RELEASE_FILE;
	file->mode = entry->mode		    ? entry->mode
		     : file->type == RELEASE_FILE   ? 0644
		     : file->type == RELEASE_FOLDER ? 0755
						    : 0777;
	if (file->type == RELEASE_FILE)
		sha256_of(entry->data ? entry->data : "", entry->size, &file->sha256);
}

static void add_to_tar(struct builder *builder, struct archive *archive, struct release_file *file, const void *data)
{
	struct archive_entry *entry = archive_entry_new();

	archive_entry_set_pathname(entry, file->path);
	archive_entry_set_filetype(entry, file->type == RELEASE_FILE   ? AE_IFREG
					  : file->type == RELEASE_LINK ? AE_IFLNK
								       : AE_IFDIR);
	archive_entry_set_perm(entry, (mode_t)file->mode);
	archive_entry_set_size(entry, (la_int64_t)file->size);
	if (file->link)
		archive_entry_set_symlink(entry, file->link);
	want(archive_write_header(archive, entry) == ARCHIVE_OK, "write a tar header");
	if (file->size) {
		file->tar_offset = builder->tar.len;
		want(archive_write_data(archive, data, file->size) == (la_ssize_t)file->size, "write to the tar");
	}
	archive_entry_free(entry);
}

static void write_tar(struct builder *builder, const struct payload_entry *entries, size_t count)
{
	struct archive *archive = archive_write_new();

	want(count <= ENTRIES_MOST, "hold so many entries");
	want(archive_write_set_format_pax_restricted(archive) == ARCHIVE_OK &&
			archive_write_set_bytes_per_block(archive, 0) == ARCHIVE_OK &&
			archive_write_open(archive, builder, NULL, take_tar, NULL) == ARCHIVE_OK,
		"begin a tar");
	for (size_t i = 0; i < count; i++) {
		describe(&builder->files[i], &entries[i], builder->paths[i]);
		builder->release.installed_bytes += builder->files[i].size;
		builder->begins[i] = builder->tar.len;
		add_to_tar(builder, archive, &builder->files[i], entries[i].data);
	}
	want(archive_write_close(archive) == ARCHIVE_OK, "end the tar");
	(void)archive_write_free(archive);
	builder->release.files = builder->files;
	builder->release.files_count = count;
	builder->release.tar_length = builder->tar.len;
}

/* Where the frame that begins at BEGIN ends: before the first entry that no longer fits, or in the middle of a large
 * one. */
static size_t frame_end(const struct builder *builder, size_t begin, size_t frame_bytes)
{
	size_t end = begin;

	for (size_t i = 0; i < builder->release.files_count; i++)
		if (builder->begins[i] > begin && builder->begins[i] - begin <= frame_bytes)
			end = builder->begins[i];
	if (builder->tar.len - begin <= frame_bytes)
		end = builder->tar.len;
	return end > begin ? end : begin + frame_bytes;
}

static void write_frames(struct builder *builder, size_t frame_bytes, struct buf *ret_bytes)
{
	size_t bound = ZSTD_compressBound(frame_bytes), count = 0;
	char *packed = malloc(bound);

	builder->frames = calloc(FRAMES_MOST, sizeof(*builder->frames));
	want(packed && builder->frames, "find memory");
	for (size_t begin = 0, end; begin < builder->tar.len; begin = end, count++) {
		struct release_frame *frame = &builder->frames[count];
		size_t len;

		want(count < FRAMES_MOST, "hold so many frames");
		end = frame_end(builder, begin, frame_bytes);
		len = ZSTD_compress(packed, bound, builder->tar.data + begin, end - begin, 3);
		want(!ZSTD_isError(len), "compress");
		*frame = (struct release_frame){
			.offset = ret_bytes->len, .length = len, .tar_offset = begin, .tar_length = end - begin};
		sha256_of(packed, len, &frame->sha256);
		want(buf_append(ret_bytes, packed, len, NULL) == 0, "keep the payload");
	}
	free(packed);
	builder->release.frames = builder->frames;
	builder->release.frames_count = count;
}

void payload_init(struct payload *payload, const char *package, const char *version,
	const struct payload_entry *entries, size_t count, size_t frame_bytes)
{
	struct builder *builder = calloc(1, sizeof(*builder));
	char target[PACKAGE_TARGET_SIZE], hex[SHA256_HEX_SIZE];
	struct error err = {0};
	struct sha256 digest;

	want(builder != NULL, "find memory");
	*payload = (struct payload){.json = BUF_INIT(RELEASE_MAX_BYTES), .bytes = BUF_INIT(BYTES_MOST)};
	builder->tar.limit = BYTES_MOST;
	write_tar(builder, entries, count);
	write_frames(builder, frame_bytes, &payload->bytes);
	package_payload_target(package, version, target);
	builder->release.package = package;
	builder->release.version = version;
	builder->release.payload_target = target;
	builder->release.payload_length = payload->bytes.len;
	sha256_of(payload->bytes.data, payload->bytes.len, &builder->release.payload_sha256);
	if (release_write(&builder->release, &payload->json, &err) < 0 ||
		release_parse(payload->json.data, payload->json.len, &payload->release, &err) < 0)
		want(false, err.text);
	sha256_of(payload->json.data, payload->json.len, &digest);
	package_release_folder(version, sha256_hex(&digest, hex), payload->folder);
	buf_clear(&builder->tar);
	free(builder->frames);
	free(builder);
}

void payload_clear(struct payload *payload)
{
	release_free(payload->release);
	buf_clear(&payload->json);
	buf_clear(&payload->bytes);
}

void *payload_noise(uint32_t seed, size_t size)
{
	uint8_t *noise = malloc(size + 1);
	uint32_t state = seed * 2654435761u + 1;

	want(noise != NULL, "find memory");
	for (size_t i = 0; i < size; i++) {
		state = state * 1664525u + 1013904223u;
		noise[i] = (uint8_t)(state >> 24) & 0x0f;
	}
	return noise;
}

static int serve(struct payload_server *server, uint64_t begin, uint64_t length, transport_sink *sink, void *context,
	struct transport_reply *ret_reply, struct error *err)
{
	uint8_t piece[1000];

	for (uint64_t at = 0; at < length;) {
		size_t len = length - at < sizeof(piece) ? (size_t)(length - at) : sizeof(piece);
		uint64_t stop = server->cut_after ? server->cut_after : server->end_after;

		if (stop && at >= stop)
			return server->end_after ? 0 : error_set(err, ERROR_NETWORK, "the connection was cut");
		len = stop && stop - at < len ? (size_t)(stop - at) : len;
		memcpy(piece, server->payload->bytes.data + begin + at, len);
		if (server->corrupt_at > begin + at && server->corrupt_at <= begin + at + len)
			piece[server->corrupt_at - 1 - begin - at] ^= 0x20;
		server->bytes += len;
		ret_reply->bytes += len;
		if (sink(context, piece, len, err) < 0)
			return -1;
		at += len;
	}
	return server->is_longer ? sink(context, "more", 4, err) : 0;
}

static int get(struct transport *transport, const struct transport_request *request, transport_sink *sink,
	void *context, struct transport_reply *ret_reply, struct error *err)
{
	struct payload_server *server = transport->context;
	uint64_t there = server->payload->bytes.len;

	server->requests++;
	*ret_reply = (struct transport_reply){.http_status = request->length ? 206 : 200};
	if (request->offset > there || request->length > there - request->offset)
		return error_set(err, ERROR_SERVER, "416: no such part");
	return serve(server, request->offset, request->length ? request->length : there - request->offset, sink,
		context, ret_reply, err);
}

void payload_server_init(struct payload_server *server, const struct payload *payload)
{
	*server = (struct payload_server){.payload = payload};
	server->transport = (struct transport){.ask = get, .context = server};
}
