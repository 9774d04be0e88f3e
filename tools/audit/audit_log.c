#include "tools/audit/audit_log.h"

#include <string.h>

#include "common/command_line/language.h"
#include "ledger/tree/tile_edge.h"
#include "ledger/tree/tile_reader.h"
#include "tools/audit/audit_policy.h"

/* What could not be read: withheld, altered, or not to be reached, of which nothing follows. */
static void add_unread(struct audit_log *audit, int64_t entry, const char *where, const struct error *why)
{
	if (why->code == ERROR_NOT_FOUND)
		findings_add_error(audit->findings, FINDING_MISSING, entry, where, why);
	else if (why->code == ERROR_REFUSED || why->code == ERROR_DAMAGED)
		findings_add_error(audit->findings, FINDING_ROOT, entry, where, why);
	else
		audit->unread = *why;
}

/* ---- Tiles: what the entries make is compared with what is served ---- */

struct comparing {
	struct audit_log *audit;
	struct tile_store store;
};

static int read_served(void *context, const char *path, struct buf *ret_bytes, struct error *err)
{
	const struct tile_store *served = &((struct comparing *)context)->audit->source->store;

	return served->read(served->context, path, ret_bytes, err);
}

/* A partial tile that is gone is looked for in the full one. */
static int read_tile(struct comparing *comparing, const char *path, struct buf *ret_bytes, struct error *err)
{
	const char *partial = strstr(path, ".p/");
	char full[TILE_PATH_SIZE];
	struct error why;

	if (read_served(comparing, path, ret_bytes, &why) == 0)
		return 0;
	(void)snprintf(full, sizeof(full), "%.*s", partial ? (int)(partial - path) : 0, path);
	if (partial && why.code == ERROR_NOT_FOUND && read_served(comparing, full, ret_bytes, NULL) == 0)
		return 0;
	*err = why;
	return -1;
}

static int compare_tile(void *context, const char *path, const void *data, size_t len, struct error *err)
{
	struct comparing *comparing = context;
	AUTO(buf) struct buf served = BUF_INIT(TILE_BYTES);
	struct error why;

	(void)err;
	if (strncmp(path, "tile/entries/", 13) == 0)
		return 0; /* it is what was read */
	if (read_tile(comparing, path, &served, &why) < 0) {
		if (why.code == ERROR_REFUSED || why.code == ERROR_DAMAGED)
			findings_add_error(comparing->audit->findings, FINDING_TILE, -1, path, &why);
		else
			add_unread(comparing->audit, -1, path, &why);
	} else if ((served.len != len && served.len != TILE_BYTES) || memcmp(served.data, data, len) != 0) {
		findings_add(comparing->audit->findings, FINDING_TILE, -1, "%s", path);
	}
	return 0;
}

/* ---- Entries ---- */

static int take_entry(
	struct audit_log *audit, struct tile_edge *edge, const char *bytes, size_t len, struct error *err)
{
	struct ledger_entry entry;
	uint64_t index = edge->size;
	struct error why;

	if (tile_edge_add(edge, bytes, len, err) < 0)
		return -1;
	if (ledger_entry_parse((struct span){bytes, len}, &entry, &why) < 0) {
		findings_add_error(audit->findings, FINDING_ENTRY, (int64_t)index, "", &why);
		return 0;
	}
	return terminals_take(&audit->state->terminals, &entry, index, audit->findings, err);
}

/* An entry that the edge has already is the one whose hash it has. */
static int compare_entry(struct audit_log *audit, const struct tile_edge *edge, uint64_t index, const char *bytes,
	size_t len, struct error *err)
{
	struct sha256 leaf;

	if (merkle_leaf(bytes, len, &leaf, err) < 0)
		return -1;
	if (!sha256_equal(&leaf, &edge->hashes[0][index % TILE_WIDTH]))
		findings_add(audit->findings, FINDING_ROOT, (int64_t)index, "%s", "");
	return 0;
}

/* Behind the entries of BUNDLE stands nothing, but for the rest of the full one, which is taken where a partial one is gone. */
static void check_end(struct audit_log *audit, const struct tile *bundle, const struct buf *bytes, size_t at)
{
	char path[TILE_PATH_SIZE];
	unsigned width = bundle->width;
	const char *entry;
	size_t len;

	while (at < bytes->len && width < TILE_WIDTH && tile_next_entry(bytes, &at, &entry, &len, NULL) == 0)
		width++;
	if (at == bytes->len && (width == bundle->width || width == TILE_WIDTH))
		return;
	tile_path(bundle, path);
	findings_add(audit->findings, FINDING_TILE, -1, "%s", path);
}

/* The entries of one bundle, behind those that the edge has already. 1 where the walk can go on, 0 where it cannot. */
static int walk_bundle(struct audit_log *audit, struct tile_edge *edge, struct error *err)
{
	AUTO(buf) struct buf bytes = BUF_INIT(TILE_BUNDLE_MAX_BYTES);
	struct tile bundle = {.kind = TILE_BUNDLE, .index = edge->size / TILE_WIDTH};
	uint64_t have = edge->size % TILE_WIDTH;
	struct error why;
	size_t at = 0;

	bundle.width = tile_width_at(0, bundle.index, audit->verdict.checkpoint.size);
	if (tile_read(&audit->source->store, &bundle, &bytes, &why) < 0) {
		add_unread(audit, (int64_t)edge->size, "", &why);
		return 0;
	}
	for (uint64_t i = 0; i < bundle.width; i++) {
		const char *entry;
		size_t len;

		if (tile_next_entry(&bytes, &at, &entry, &len, &why) < 0) {
			add_unread(audit, (int64_t)edge->size, "", &why);
			return 0;
		}
		if ((i < have ? compare_entry(audit, edge, bundle.index * TILE_WIDTH + i, entry, len, err)
			      : take_entry(audit, edge, entry, len, err)) < 0)
			return -1;
	}
	check_end(audit, &bundle, &bytes, at);
	return 1;
}

static int check_root(struct audit_log *audit, struct tile_edge *edge, struct error *err)
{
	struct sha256 root;

	if (tile_edge_flush(edge, err) < 0 || tile_edge_root(edge, &root, err) < 0)
		return -1;
	if (!sha256_equal(&root, &audit->verdict.checkpoint.root))
		findings_add(audit->findings, FINDING_ROOT, -1, _("the tree over %llu entries"),
			(unsigned long long)edge->size);
	return 0;
}

static int walk_entries(struct audit_log *audit, struct error *err)
{
	AUTO(tile_edge) struct tile_edge edge = {0};
	struct comparing comparing = {.audit = audit};
	struct error why;
	int more = 1;

	comparing.store = (struct tile_store){.read = read_served, .write = compare_tile, .context = &comparing};
	if (tile_edge_load(&edge, &comparing.store, audit->from, &why) < 0) {
		add_unread(audit, -1, "", &why);
		return 0;
	}
	while (more == 1 && !audit->unread.code && edge.size < audit->verdict.checkpoint.size)
		more = walk_bundle(audit, &edge, err);
	return more == 1 && !audit->unread.code ? check_root(audit, &edge, err) : more < 0 ? -1 : 0;
}

/* ---- What became of it since the last audit ---- */

/* The signature of what was kept must hold; who had cosigned it then does not matter now. */
static int check_growth(struct audit_log *audit, struct error *err)
{
	const struct checkpoint *newest = &audit->verdict.checkpoint;
	struct span note = {buf_text(&audit->state->note), audit->state->note.len};
	AUTO(tile_reader) struct tile_reader *reader = NULL;
	struct policy_verdict last;
	struct merkle_path path;
	struct error why;

	if (policy_look(audit->policy, note, &last, &why) < 0)
		return error_set(err, why.code,
			"what the last audit kept: %s; where the log has another key since, the policy must name the "
			"former one too",
			why.text);
	audit->before = last.checkpoint.size;
	if (strcmp(last.checkpoint.origin, newest->origin) != 0) {
		findings_add(audit->findings, FINDING_HISTORY, -1, _("'%s' then, '%s' now"), last.checkpoint.origin,
			newest->origin);
		return 0;
	}
	if (last.checkpoint.size > newest->size) {
		findings_add(audit->findings, FINDING_BACK, -1, _("%llu entries then, %llu now"),
			(unsigned long long)last.checkpoint.size, (unsigned long long)newest->size);
		return 0;
	}
	if (!(reader = tile_reader_new(&audit->source->store, newest->size, err)))
		return -1;
	if (merkle_prove_consistency(tile_reader_source(reader), last.checkpoint.size, newest->size, &path, &why) < 0)
		add_unread(audit, -1, "", &why);
	else if (merkle_check_consistency(
			 last.checkpoint.size, &last.checkpoint.root, newest->size, &newest->root, &path, &why) < 0)
		findings_add_error(audit->findings, FINDING_HISTORY, -1, "", &why);
	else if (audit->state->has_terminals)
		audit->from = last.checkpoint.size;
	return 0;
}

static int look_at_checkpoint(struct audit_log *audit, struct buf *ret_note)
{
	struct error why;

	if (audit_source_checkpoint(audit->source, ret_note, &why) < 0) {
		audit->unread = why;
		return -1;
	}
	struct span span = {buf_text(ret_note), ret_note->len};

	if (policy_judge(audit->policy, span, &audit->verdict, &why) == 0)
		return 0;
	audit_policy_blame(audit->policy, span, FINDING_CHECKPOINT, &why, audit->findings);
	return -1;
}

int audit_log_walk(struct audit_log *audit, struct error *err)
{
	AUTO(buf) struct buf note = BUF_INIT(NOTE_MAX_BYTES);

	if (look_at_checkpoint(audit, &note) < 0)
		return 0;
	if (audit->state->note.len > 0 && check_growth(audit, err) < 0)
		return -1;
	if (audit->unread.code)
		return 0;
	if (audit->from == 0)
		terminals_clear(&audit->state->terminals);
	if (walk_entries(audit, err) < 0)
		return -1;
	buf_empty(&audit->state->note);
	audit->state->has_terminals = true;
	return buf_append(&audit->state->note, note.data, note.len, err);
}
