-- A terminal stands beside those that took a candidate in one night, and takes it itself in another: one row for each of its nights.
-- It takes it once.
CREATE TABLE trial_of_night (
	rollout  @number NOT NULL,
	terminal @number NOT NULL,
	night    @number NOT NULL, -- in which it said first that the candidate is staged; or, of others, in which it was heard of
	kind     TEXT NOT NULL,    -- took; late: it never said that it is staged, only how it ended; other
	came     @number NOT NULL, -- back in a later night than the cohort's base: 0 not yet, 1 yes, 2 with the candidate still staged
	state    TEXT NOT NULL,    -- of the delivery, as it told last; '' of others
	PRIMARY KEY (rollout, terminal, night)
) @clustered;
INSERT INTO trial_of_night (rollout, terminal, night, kind, came, state) SELECT rollout, terminal, night, kind, came, state FROM trial;
DROP TABLE trial;
ALTER TABLE trial_of_night RENAME TO trial;
CREATE INDEX trial_by_night ON trial (rollout, kind, night, came, state);
