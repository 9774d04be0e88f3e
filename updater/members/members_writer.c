#include "updater/members/members_writer.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "updater/members/members.h"

#define CHUNK 65536u
/* A member in an archive that is a member itself. */
#define DEPTH 2

struct deflater {
	z_stream stream;
	bool is_ready; /* its memory is there */
	int memory;    /* zlib's memory level that it is for */
	uint8_t out[CHUNK];
};

struct members_writer {
	members_sink *sink;
	void *context;
	uint8_t head[MEMBERS_HEAD_SIZE];
	size_t head_len;
	uint8_t *pieces;
	size_t pieces_size; /* bytes of all */
	size_t pieces_len;  /* of those that came */
	size_t piece;	    /* where the current one begins */
	uint32_t left;	    /* bytes of it that are to come */
	bool has_piece;
	size_t open; /* archives that are being deflated as a member */
	struct deflater deflaters[DEPTH];
};

static int no_sense(struct error *err)
{
	return error_set(err, ERROR_REFUSED, "the pieces of an archive make no sense");
}

int members_writer_new(members_sink *sink, void *context, struct members_writer **ret_writer, struct error *err)
{
	struct members_writer *writer = calloc(1, sizeof(*writer));

	if (!writer)
		return error_set(err, ERROR_FAILED, "no memory to write an archive");
	writer->sink = sink;
	writer->context = context;
	*ret_writer = writer;
	return 0;
}

void members_writer_free(struct members_writer *writer)
{
	if (!writer)
		return;
	for (size_t i = 0; i < DEPTH; i++)
		if (writer->deflaters[i].is_ready)
			(void)deflateEnd(&writer->deflaters[i].stream);
	free(writer->pieces);
	free(writer);
}

static int begin_deflating(struct deflater *deflater, uint8_t setting, struct error *err)
{
	int level = MEMBERS_LEVEL(setting), memory = MEMBERS_MEMORY(setting), strategy = MEMBERS_STRATEGY(setting);

	if (level < 1 || level > 9 || strategy > Z_FIXED)
		return no_sense(err);
	if (deflater->is_ready && deflater->memory == memory) {
		if (deflateReset(&deflater->stream) != Z_OK ||
			deflateParams(&deflater->stream, level, strategy) != Z_OK)
			return error_set(err, ERROR_FAILED, "zlib cannot begin anew");
		return 0;
	}
	if (deflater->is_ready)
		(void)deflateEnd(&deflater->stream);
	deflater->stream = (z_stream){0};
	deflater->memory = memory;
	deflater->is_ready = deflateInit2(&deflater->stream, level, Z_DEFLATED, -MAX_WBITS, memory, strategy) == Z_OK;
	return deflater->is_ready ? 0 : error_set(err, ERROR_FAILED, "no memory to deflate");
}

static int put_at(struct members_writer *writer, size_t depth, const void *data, size_t len, struct error *err);

/* Bytes through the deflater at DEPTH, and what comes of them on to the one outside, or out. */
static int deflate_at(
	struct members_writer *writer, size_t depth, const void *data, size_t len, int flush, struct error *err)
{
	struct deflater *deflater = &writer->deflaters[depth];
	z_stream *stream = &deflater->stream;

	stream->next_in = (Bytef *)(uintptr_t)data;
	stream->avail_in = (uInt)len;
	do {
		stream->next_out = deflater->out;
		stream->avail_out = CHUNK;
		if (deflate(stream, flush) == Z_STREAM_ERROR)
			return error_set(err, ERROR_FAILED, "zlib cannot deflate");
		if (put_at(writer, depth, deflater->out, CHUNK - stream->avail_out, err) < 0)
			return -1;
	} while (stream->avail_out == 0);
	return 0;
}

/* Bytes that stand inside DEPTH opened archives. */
static int put_at(struct members_writer *writer, size_t depth, const void *data, size_t len, struct error *err)
{
	if (len == 0)
		return 0;
	return depth ? deflate_at(writer, depth - 1, data, len, Z_NO_FLUSH, err)
		     : writer->sink(writer->context, data, len, err);
}

static int open_archive(struct members_writer *writer, uint8_t setting, struct error *err)
{
	if (writer->open + 1 >= DEPTH)
		return no_sense(err);
	return begin_deflating(&writer->deflaters[writer->open++], setting, err);
}

static int close_archive(struct members_writer *writer, struct error *err)
{
	if (writer->open == 0)
		return no_sense(err);
	writer->open--;
	return deflate_at(writer, writer->open, "", 0, Z_FINISH, err);
}

/* Ends the piece that is whole. */
static int end_piece(struct members_writer *writer, struct error *err)
{
	bool is_deflated = writer->pieces[writer->piece] == MEMBERS_DEFLATED;

	writer->has_piece = false;
	writer->piece += MEMBERS_PIECE_SIZE;
	return is_deflated ? deflate_at(writer, writer->open, "", 0, Z_FINISH, err) : 0;
}

/* Begins the next piece; those without bytes are done with at once. */
static int begin_piece(struct members_writer *writer, struct error *err)
{
	const uint8_t *piece = writer->pieces + writer->piece;
	int result = 0;

	writer->left = piece[2] | (uint32_t)piece[3] << 8 | (uint32_t)piece[4] << 16 | (uint32_t)piece[5] << 24;
	writer->has_piece = true;
	if (piece[0] == MEMBERS_DEFLATED)
		result = begin_deflating(&writer->deflaters[writer->open], piece[1], err);
	else if (piece[0] == MEMBERS_OPEN && !writer->left)
		result = open_archive(writer, piece[1], err);
	else if (piece[0] == MEMBERS_CLOSE && !writer->left)
		result = close_archive(writer, err);
	else if (piece[0] != MEMBERS_PLAIN)
		return no_sense(err);
	return result == 0 && writer->left == 0 ? end_piece(writer, err) : result;
}

/* Begins pieces until one wants bytes, or all are done. */
static int next_pieces(struct members_writer *writer, struct error *err)
{
	while (!writer->has_piece && writer->piece < writer->pieces_size)
		if (begin_piece(writer, err) < 0)
			return -1;
	return 0;
}

/* The head and the table; gives how many bytes they took. */
static int take_table(
	struct members_writer *writer, const uint8_t *data, size_t len, size_t *ret_taken, struct error *err)
{
	size_t count, part = MEMBERS_HEAD_SIZE - writer->head_len;

	part = part < len ? part : len;
	memcpy(writer->head + writer->head_len, data, part);
	writer->head_len += part;
	*ret_taken = part;
	if (writer->head_len < MEMBERS_HEAD_SIZE)
		return 0;
	if (!writer->pieces) {
		count = writer->head[0] | (size_t)writer->head[1] << 8 | (size_t)writer->head[2] << 16 |
			(size_t)writer->head[3] << 24;
		if (count == 0 || count > MEMBERS_PIECES_MOST)
			return error_set(err, ERROR_REFUSED, "an archive of %zu pieces; %u are the most", count,
				MEMBERS_PIECES_MOST);
		writer->pieces_size = count * MEMBERS_PIECE_SIZE;
		if (!(writer->pieces = malloc(writer->pieces_size)))
			return error_set(err, ERROR_FAILED, "no memory for %zu pieces", count);
	}
	data += part;
	len -= part;
	part = writer->pieces_size - writer->pieces_len;
	part = part < len ? part : len;
	memcpy(writer->pieces + writer->pieces_len, data, part);
	writer->pieces_len += part;
	*ret_taken += part;
	return writer->pieces_len == writer->pieces_size ? next_pieces(writer, err) : 0;
}

static int take_bytes(
	struct members_writer *writer, const uint8_t *data, size_t len, size_t *ret_taken, struct error *err)
{
	size_t part = writer->left < len ? writer->left : len;
	int result;

	if (!writer->has_piece)
		return no_sense(err);
	result = writer->pieces[writer->piece] == MEMBERS_DEFLATED
			 ? deflate_at(writer, writer->open, data, part, Z_NO_FLUSH, err)
			 : put_at(writer, writer->open, data, part, err);
	*ret_taken = part;
	writer->left -= (uint32_t)part;
	if (result < 0 || writer->left)
		return result;
	return end_piece(writer, err) < 0 ? -1 : next_pieces(writer, err);
}

int members_writer_put(struct members_writer *writer, const uint8_t *data, size_t len, struct error *err)
{
	while (len) {
		bool has_table = writer->pieces && writer->pieces_len == writer->pieces_size;
		size_t taken = 0;

		if ((has_table ? take_bytes(writer, data, len, &taken, err)
			       : take_table(writer, data, len, &taken, err)) < 0)
			return -1;
		data += taken;
		len -= taken;
	}
	return 0;
}

int members_writer_end(struct members_writer *writer, struct error *err)
{
	bool is_whole = writer->pieces && writer->pieces_len == writer->pieces_size && !writer->has_piece &&
			writer->piece == writer->pieces_size && writer->open == 0;

	return is_whole ? 0 : no_sense(err);
}
