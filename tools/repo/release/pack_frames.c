#include "tools/repo/release/pack_frames.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#define MAX_WORKERS 4
#define SMALLEST_FRAME (512u << 10) /* smaller ones cost more in compression than they save in transfer */
#define SLOT_BYTES RELEASE_FRAME_BYTES

enum slot_state { SLOT_FREE, SLOT_FILLED, SLOT_TAKEN, SLOT_DONE };

struct slot {
	enum slot_state state;
	uint8_t *plain;
	size_t plain_len;
	void *packed;
	size_t packed_len; /* or a zstd error code */
};

struct frames {
	struct fs *fs;
	int out_fd;
	const char *path;
	int level;
	struct release_frame *table;
	size_t count; /* written */
	size_t room;
	uint64_t tar_position;
	struct digest *digest; /* of the whole payload */
	struct slot slots[2 * MAX_WORKERS];
	size_t slots_count;
	size_t filled;	 /* frames handed to the workers; the next one is filled in slots[filled % slots_count] */
	size_t next_job; /* the frame that a free worker takes */
	bool ending;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	pthread_t workers[MAX_WORKERS];
	size_t workers_count;
};

static void compress_slot(ZSTD_CCtx *context, int level, struct slot *slot)
{
	size_t room = ZSTD_compressBound(slot->plain_len);

	free(slot->packed);
	slot->packed = malloc(room);
	slot->packed_len = (size_t)-1; /* reads as an error until it is done */
	if (!context || !slot->packed)
		return;
	(void)ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level);
	slot->packed_len = ZSTD_compress2(context, slot->packed, room, slot->plain, slot->plain_len);
}

static void *work(void *context)
{
	struct frames *frames = context;
	ZSTD_CCtx *zstd = ZSTD_createCCtx();

	(void)pthread_mutex_lock(&frames->lock);
	for (;;) {
		struct slot *slot = &frames->slots[frames->next_job % frames->slots_count];

		if (frames->next_job < frames->filled) {
			frames->next_job++;
			slot->state = SLOT_TAKEN;
			(void)pthread_mutex_unlock(&frames->lock);
			compress_slot(zstd, frames->level, slot);
			(void)pthread_mutex_lock(&frames->lock);
			slot->state = SLOT_DONE;
			(void)pthread_cond_broadcast(&frames->changed);
		} else if (frames->ending) {
			break;
		} else {
			(void)pthread_cond_wait(&frames->changed, &frames->lock);
		}
	}
	(void)pthread_mutex_unlock(&frames->lock);
	(void)ZSTD_freeCCtx(zstd);
	return NULL;
}

static int start_workers(struct frames *frames, struct error *err)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	size_t wanted = cores < 1 ? 1 : cores > MAX_WORKERS ? MAX_WORKERS : (size_t)cores;

	frames->slots_count = 2 * wanted;
	for (size_t i = 0; i < frames->slots_count; i++)
		if (!(frames->slots[i].plain = malloc(SLOT_BYTES)))
			return error_set(err, ERROR_FAILED, "no memory to compress");
	while (frames->workers_count < wanted) {
		if (pthread_create(&frames->workers[frames->workers_count], NULL, work, frames) != 0)
			return error_set(err, ERROR_FAILED, "cannot start a thread to compress");
		frames->workers_count++;
	}
	return 0;
}

struct frames *frames_new(struct fs *fs, int out_fd, const char *path, int level, struct error *err)
{
	AUTO(frames) struct frames *frames = calloc(1, sizeof(*frames));

	if (!frames) {
		(void)error_set(err, ERROR_FAILED, "no memory to compress");
		return NULL;
	}
	frames->fs = fs;
	frames->out_fd = out_fd;
	frames->path = path;
	frames->level = level;
	(void)pthread_mutex_init(&frames->lock, NULL);
	(void)pthread_cond_init(&frames->changed, NULL);
	if (!(frames->digest = digest_new(DIGEST_SHA256, err)) || start_workers(frames, err) < 0)
		return NULL;
	return take_ptr(&frames);
}

static int add_to_table(struct frames *frames, const struct slot *slot, struct error *err)
{
	const struct release_frame *before = frames->count ? &frames->table[frames->count - 1] : NULL;
	struct release_frame *frame;

	if (frames->count == frames->room) {
		size_t room = frames->room ? 2 * frames->room : 64;
		struct release_frame *table = reallocarray(frames->table, room, sizeof(*table));

		if (!table)
			return error_set(err, ERROR_FAILED, "no memory for %zu frames", room);
		frames->table = table;
		frames->room = room;
		before = frames->count ? &table[frames->count - 1] : NULL;
	}
	frame = &frames->table[frames->count];
	*frame = (struct release_frame){
		.offset = before ? before->offset + before->length : 0,
		.length = slot->packed_len,
		.tar_offset = before ? before->tar_offset + before->tar_length : 0,
		.tar_length = slot->plain_len,
	};
	sha256_of(slot->packed, slot->packed_len, &frame->sha256);
	frames->count++;
	return 0;
}

/* Waits for the oldest frame that is not written yet, and writes it. */
static int write_oldest(struct frames *frames, struct error *err)
{
	struct slot *slot = &frames->slots[frames->count % frames->slots_count];

	(void)pthread_mutex_lock(&frames->lock);
	while (slot->state != SLOT_DONE)
		(void)pthread_cond_wait(&frames->changed, &frames->lock);
	(void)pthread_mutex_unlock(&frames->lock);
	if (ZSTD_isError(slot->packed_len))
		return error_set(err, ERROR_FAILED, "cannot compress: %s", ZSTD_getErrorName(slot->packed_len));
	if (fs_write(frames->fs, frames->out_fd, frames->path, slot->packed, slot->packed_len, err) < 0)
		return -1;
	digest_update(frames->digest, slot->packed, slot->packed_len);
	if (add_to_table(frames, slot, err) < 0)
		return -1;
	slot->plain_len = 0;
	slot->state = SLOT_FREE;
	return 0;
}

static struct slot *open_slot(struct frames *frames)
{
	return &frames->slots[frames->filled % frames->slots_count];
}

/* Hands the frame being filled to the workers, and makes room for the next. */
static int cut(struct frames *frames, struct error *err)
{
	if (open_slot(frames)->plain_len == 0)
		return 0;
	(void)pthread_mutex_lock(&frames->lock);
	open_slot(frames)->state = SLOT_FILLED;
	frames->filled++;
	(void)pthread_cond_broadcast(&frames->changed);
	(void)pthread_mutex_unlock(&frames->lock);
	return frames->filled - frames->count == frames->slots_count ? write_oldest(frames, err) : 0;
}

int frames_write(struct frames *frames, const void *data, size_t len, struct error *err)
{
	const uint8_t *rest = data;

	frames->tar_position += len;
	while (len) {
		struct slot *slot = open_slot(frames);
		size_t part =
			len < RELEASE_FRAME_BYTES - slot->plain_len ? len : RELEASE_FRAME_BYTES - slot->plain_len;

		memcpy(slot->plain + slot->plain_len, rest, part);
		slot->plain_len += part;
		rest += part;
		len -= part;
		if (slot->plain_len == RELEASE_FRAME_BYTES && cut(frames, err) < 0)
			return -1;
	}
	return 0;
}

int frames_may_cut(struct frames *frames, uint64_t next_length, struct error *err)
{
	size_t used = open_slot(frames)->plain_len;

	return used >= SMALLEST_FRAME && next_length > RELEASE_FRAME_BYTES - used ? cut(frames, err) : 0;
}

uint64_t frames_position(const struct frames *frames)
{
	return frames->tar_position;
}

int frames_finish(struct frames *frames, struct release *release, struct error *err)
{
	if (cut(frames, err) < 0)
		return -1;
	while (frames->count < frames->filled)
		if (write_oldest(frames, err) < 0)
			return -1;
	if (frames->count > RELEASE_MAX_FRAMES)
		return error_set(err, ERROR_INPUT, "the payload has more than %u frames", RELEASE_MAX_FRAMES);
	release->tar_length = frames->tar_position;
	release->payload_length = 0;
	for (size_t i = 0; i < frames->count; i++)
		release->payload_length += frames->table[i].length;
	digest_finish(frames->digest, release->payload_sha256.bytes);
	release->frames = take_ptr(&frames->table);
	release->frames_count = frames->count;
	return 0;
}

void frames_free(struct frames *frames)
{
	if (!frames)
		return;
	(void)pthread_mutex_lock(&frames->lock);
	frames->ending = true;
	frames->next_job = frames->filled; /* what nobody waits for any more is not compressed */
	(void)pthread_cond_broadcast(&frames->changed);
	(void)pthread_mutex_unlock(&frames->lock);
	for (size_t i = 0; i < frames->workers_count; i++)
		(void)pthread_join(frames->workers[i], NULL);
	for (size_t i = 0; i < frames->slots_count; i++) {
		free(frames->slots[i].plain);
		free(frames->slots[i].packed);
	}
	(void)pthread_cond_destroy(&frames->changed);
	(void)pthread_mutex_destroy(&frames->lock);
	digest_free(frames->digest);
	free(frames->table);
	free(frames);
}
