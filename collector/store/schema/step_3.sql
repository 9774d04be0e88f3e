-- One-time codes by which terminals get their first certificate. The first letters of a code find its row, all of it opens it.
CREATE TABLE enrolment (
	selector    TEXT NOT NULL PRIMARY KEY,
	digest      TEXT NOT NULL,    -- SHA-256 of the whole code
	name        TEXT NOT NULL,
	institution TEXT NOT NULL,
	ring        TEXT NOT NULL,
	made_s      @number NOT NULL,
	until_s     @number NOT NULL,
	tries       @number NOT NULL, -- wrong ones
	used_s      @number NOT NULL,
	used_key    TEXT NOT NULL     -- SHA-256 of the public key that it was used for
) @strict;
CREATE INDEX enrolment_by_name ON enrolment (name);

-- Of certificates that were issued here: when, for which ring, and since when and why one does not hold any more.
ALTER TABLE certificate ADD COLUMN issued_s @number NOT NULL DEFAULT 0;
ALTER TABLE certificate ADD COLUMN ring TEXT NOT NULL DEFAULT '';
ALTER TABLE certificate ADD COLUMN last_s @number NOT NULL DEFAULT 0;    -- when it was last seen, before its terminal had another
ALTER TABLE certificate ADD COLUMN revoked_s @number NOT NULL DEFAULT 0;
ALTER TABLE certificate ADD COLUMN why TEXT NOT NULL DEFAULT '';
ALTER TABLE certificate ADD COLUMN superseded @number NOT NULL DEFAULT 0; -- 1: another took its place, nothing is wrong
CREATE INDEX certificate_by_name ON certificate (name);
CREATE INDEX certificate_by_revocation ON certificate (revoked_s) WHERE revoked_s > 0;
CREATE INDEX terminal_by_certificate ON terminal (certificate);
