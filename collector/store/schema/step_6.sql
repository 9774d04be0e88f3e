-- Checkpoints of the ledger with the cosignatures of its witnesses, the last of each minute by their clocks: by when an entry was
-- logged is proven by the first of them that holds it, years later too.
CREATE TABLE cosigned (
	minute @id,              -- of the time by which enough witnesses had cosigned
	size   @number NOT NULL, -- entries
	note   TEXT NOT NULL     -- as it was served
) @strict;
CREATE INDEX cosigned_by_size ON cosigned (size, minute);
