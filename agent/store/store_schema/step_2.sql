-- Step 2, readable from 1: every window is accounted for, the history has chapters and archived parts, reports go to the server.

-- In the place of table night, in which two windows of one date had one row; a former agent goes on with night.
CREATE TABLE contact (
	opens_s INTEGER PRIMARY KEY,
	closes_s INTEGER NOT NULL CHECK (closes_s >= opens_s),
	date TEXT NOT NULL CHECK (date GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9]'),
	first_try_s INTEGER NOT NULL,
	contact_s INTEGER NOT NULL,
	attempts INTEGER NOT NULL CHECK (attempts >= 0),
	on_s INTEGER NOT NULL DEFAULT 0 CHECK (on_s >= 0),
	on_for_s INTEGER NOT NULL DEFAULT 0 CHECK (on_for_s >= 0),
	outcome TEXT NOT NULL,
	detail TEXT NOT NULL
) STRICT;

INSERT INTO contact (opens_s, closes_s, date, first_try_s, contact_s, attempts, outcome, detail)
SELECT opens_s, closes_s, date, first_try_s, contact_s, attempts, outcome, detail FROM night WHERE true
ON CONFLICT (opens_s) DO NOTHING;

-- When the agent was there: one row for each stretch without a gap.
CREATE TABLE presence (
	from_s INTEGER PRIMARY KEY,
	to_s INTEGER NOT NULL CHECK (to_s >= from_s),
	boot_id TEXT NOT NULL,
	begins TEXT NOT NULL CHECK (begins IN ('start', 'wake', 'clock'))
) STRICT;

-- Whose history it is, from which row on.
CREATE TABLE chapter (
	number INTEGER PRIMARY KEY CHECK (number >= 1),
	first_row INTEGER NOT NULL CHECK (first_row >= 1),
	since_s INTEGER NOT NULL,
	environment TEXT NOT NULL CHECK (environment <> ''),
	institution_code TEXT NOT NULL,
	certificate TEXT NOT NULL
) STRICT;

-- Rows that were sealed and moved to a file below the state folder.
CREATE TABLE archive (
	first_row INTEGER PRIMARY KEY CHECK (first_row >= 1),
	last_row INTEGER NOT NULL CHECK (last_row >= first_row),
	last_digest TEXT NOT NULL CHECK (length(last_digest) = 64 AND last_digest NOT GLOB '*[^0-9a-f]*'),
	file TEXT NOT NULL CHECK (file <> ''),
	file_digest TEXT NOT NULL CHECK (length(file_digest) = 64 AND file_digest NOT GLOB '*[^0-9a-f]*'),
	sealed_s INTEGER NOT NULL,
	dropped_s INTEGER NOT NULL
) STRICT;

DROP TRIGGER history_is_never_shortened;

CREATE TRIGGER history_is_never_shortened BEFORE DELETE ON history
WHEN OLD.number > (SELECT coalesce(max(last_row), 0) FROM archive)
BEGIN
	SELECT RAISE(ABORT, 'history is append-only: only a row that was archived can be removed');
END;

-- What the server was told. The newest row waits where sent_s is 0.
CREATE TABLE report (
	number INTEGER PRIMARY KEY CHECK (number >= 1),
	made_s INTEGER NOT NULL,
	sent_s INTEGER NOT NULL CHECK (sent_s >= 0),
	attempts INTEGER NOT NULL CHECK (attempts >= 0),
	last_row INTEGER NOT NULL CHECK (last_row >= 0),
	last_digest TEXT NOT NULL,
	windows_until_s INTEGER NOT NULL,
	deliveries_until_s INTEGER NOT NULL,
	error TEXT NOT NULL CHECK (error <> ''),
	detail TEXT NOT NULL
) STRICT;
