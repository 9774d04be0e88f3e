-- Certificates of one name or institution, and terminals of one ring, in the order of their pages: a list reads no row that it does
-- not show.
DROP INDEX certificate_by_name;
CREATE INDEX certificate_by_name ON certificate (name, fingerprint);
CREATE INDEX certificate_by_institution ON certificate (institution, fingerprint);
CREATE INDEX terminal_by_ring ON terminal (ring, id, verdict, cause, institution, silent_s, twin_s);

-- The machine that the last report came from, as a digest; '' where it did not say.
ALTER TABLE terminal ADD COLUMN machine TEXT NOT NULL DEFAULT '';
