-- Step 1, readable from 1: what became of packages, nights and pauses, and the history that tells of it. docs/store.md describes the
-- tables. Once released, a step is never changed.

CREATE TABLE setting (
	name TEXT PRIMARY KEY CHECK (name <> ''),
	value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE history (
	number INTEGER PRIMARY KEY CHECK (number >= 1),
	at_s INTEGER NOT NULL,
	boot_id TEXT NOT NULL,
	operation TEXT NOT NULL CHECK (length(operation) BETWEEN 1 AND 31),
	package TEXT NOT NULL,
	version TEXT NOT NULL,
	digest TEXT NOT NULL,
	outcome TEXT NOT NULL CHECK (outcome IN ('done', 'refused', 'failed', 'begun', 'stopped')),
	error TEXT NOT NULL CHECK (error <> ''),
	detail TEXT NOT NULL,
	previous TEXT NOT NULL CHECK (length(previous) = 64 AND previous NOT GLOB '*[^0-9a-f]*'),
	row_digest TEXT NOT NULL UNIQUE CHECK (length(row_digest) = 64 AND row_digest NOT GLOB '*[^0-9a-f]*')
) STRICT;

CREATE INDEX history_of_package ON history (package, number);

CREATE TRIGGER history_is_never_changed BEFORE UPDATE ON history
BEGIN
	SELECT RAISE(ABORT, 'history is append-only: a row cannot be changed');
END;

CREATE TRIGGER history_is_never_shortened BEFORE DELETE ON history
BEGIN
	SELECT RAISE(ABORT, 'history is append-only: a row cannot be removed');
END;

CREATE TRIGGER history_goes_on_at_its_end BEFORE INSERT ON history
WHEN NEW.number <> (SELECT coalesce(max(number), 0) + 1 FROM history)
BEGIN
	SELECT RAISE(ABORT, 'history is append-only: a row goes behind the last one');
END;

-- A release whose own bytes were lost is known by the first 8 digits of its digest alone.
CREATE TABLE quarantine (
	package TEXT NOT NULL CHECK (length(package) BETWEEN 1 AND 64),
	version TEXT NOT NULL CHECK (version <> ''),
	digest TEXT NOT NULL CHECK (length(digest) IN (8, 64) AND digest NOT GLOB '*[^0-9a-f]*'),
	since_s INTEGER NOT NULL,
	reason TEXT NOT NULL,
	PRIMARY KEY (package, digest)
) STRICT, WITHOUT ROWID;

CREATE TABLE pause (
	package TEXT PRIMARY KEY CHECK (length(package) <= 64),
	since_s INTEGER NOT NULL,
	until_s INTEGER NOT NULL CHECK (until_s >= 0),
	who TEXT NOT NULL,
	why TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE night (
	date TEXT PRIMARY KEY CHECK (date GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9]'),
	opens_s INTEGER NOT NULL,
	closes_s INTEGER NOT NULL CHECK (closes_s >= opens_s),
	first_try_s INTEGER NOT NULL,
	contact_s INTEGER NOT NULL,
	attempts INTEGER NOT NULL CHECK (attempts >= 0),
	outcome TEXT NOT NULL,
	detail TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE installed (
	package TEXT PRIMARY KEY CHECK (length(package) BETWEEN 1 AND 64),
	version TEXT NOT NULL CHECK (version <> ''),
	digest TEXT NOT NULL CHECK (length(digest) IN (8, 64) AND digest NOT GLOB '*[^0-9a-f]*'),
	folder TEXT NOT NULL CHECK (folder <> ''),
	since_s INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE delivery (
	id INTEGER PRIMARY KEY CHECK (id >= 1),
	package TEXT NOT NULL CHECK (length(package) BETWEEN 1 AND 64),
	version TEXT NOT NULL CHECK (version <> ''),
	digest TEXT NOT NULL CHECK (length(digest) IN (8, 64) AND digest NOT GLOB '*[^0-9a-f]*'),
	folder TEXT NOT NULL CHECK (folder <> ''),
	state TEXT NOT NULL CHECK (state IN ('planned', 'fetching', 'staged', 'activated', 'confirmed',
		'rolled-back', 'rejected', 'failed')),
	campaign INTEGER NOT NULL CHECK (campaign >= 0),
	planned_s INTEGER NOT NULL,
	changed_s INTEGER NOT NULL,
	attempts INTEGER NOT NULL CHECK (attempts >= 0),
	wire_bytes INTEGER NOT NULL CHECK (wire_bytes >= 0),
	payload_bytes INTEGER NOT NULL CHECK (payload_bytes >= 0),
	error TEXT NOT NULL CHECK (error <> ''),
	detail TEXT NOT NULL
) STRICT;

CREATE INDEX delivery_of_package ON delivery (package, id);

CREATE UNIQUE INDEX delivery_that_waits ON delivery (package) WHERE state IN ('planned', 'fetching', 'staged');
