#include "updater/members/members.h"

int members_piece_append(
	struct buf *table, enum members_piece_kind kind, uint8_t setting, uint64_t len, struct error *err)
{
	uint8_t piece[MEMBERS_PIECE_SIZE] = {(uint8_t)kind, setting};

	if (len > UINT32_MAX)
		return error_set(err, ERROR_REFUSED, "an archive's piece of more than 4 GiB");
	for (int byte = 0; byte < 4; byte++)
		piece[2 + byte] = (uint8_t)(len >> (8 * byte));
	return buf_append(table, piece, sizeof(piece), err);
}

/* A member that is an archive: opened, its own pieces, closed. */
static int append_inner(const struct member *outer, struct buf *table, struct error *err)
{
	uint64_t behind = 0;

	if (members_piece_append(table, MEMBERS_OPEN, MEMBERS_USUAL_SETTING, 0, err) < 0)
		return -1;
	for (const struct member *inner = outer + 1; inner <= outer + outer->inner; inner++) {
		if (members_piece_append(table, MEMBERS_PLAIN, 0, inner->packed_at - behind, err) < 0 ||
			members_piece_append(table, MEMBERS_DEFLATED, MEMBERS_USUAL_SETTING, inner->len, err) < 0)
			return -1;
		behind = inner->packed_at + inner->packed_len;
	}
	if (members_piece_append(table, MEMBERS_PLAIN, 0, outer->len - behind, err) < 0)
		return -1;
	return members_piece_append(table, MEMBERS_CLOSE, 0, 0, err);
}

int members_table(const struct members *members, uint64_t size, struct buf *ret_table, struct error *err)
{
	uint64_t behind = 0;

	for (size_t i = 0; i < members->count; i += members->all[i].inner + 1) {
		const struct member *member = &members->all[i];

		if (members_piece_append(ret_table, MEMBERS_PLAIN, 0, member->packed_at - behind, err) < 0)
			return -1;
		if (member->inner ? append_inner(member, ret_table, err) < 0
				  : members_piece_append(
					    ret_table, MEMBERS_DEFLATED, MEMBERS_USUAL_SETTING, member->len, err) < 0)
			return -1;
		behind = member->packed_at + member->packed_len;
	}
	return members_piece_append(ret_table, MEMBERS_PLAIN, 0, size - behind, err);
}
