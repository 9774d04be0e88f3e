-- Candidates that are rolled out, as the catalog names them: one row for each attempt. The id is made of package, digest and
-- attempt (rollout_id_of).
CREATE TABLE rollout (
	id           @id,
	package      TEXT NOT NULL,
	version      TEXT NOT NULL,
	digest       TEXT NOT NULL,
	attempt      @number NOT NULL,
	plan         TEXT NOT NULL,    -- JSON: stages and bounds, as the catalog has them
	began_s      @number NOT NULL, -- when it was seen first
	stages_open  @number NOT NULL,
	opened_night @number NOT NULL, -- in which the last of them opened
	stopped_s    @number NOT NULL,
	stopped_by   TEXT NOT NULL,
	why          TEXT NOT NULL,
	verdict      TEXT NOT NULL,
	judged_s     @number NOT NULL,
	judgement    TEXT NOT NULL,    -- JSON
	is_over      @number NOT NULL  -- 1: the catalog does not name it any more
) @strict;

-- What befell terminals that took a candidate, and others in the same nights.
CREATE TABLE trial (
	rollout  @number NOT NULL,
	terminal @number NOT NULL,
	night    @number NOT NULL, -- in which it said first that the candidate is staged; or, of others, in which it was heard of
	kind     TEXT NOT NULL,    -- took; late: it never said that it is staged, only how it ended; other
	came     @number NOT NULL, -- back in a later night than the cohort's base: 0 not yet, 1 yes, 2 with the candidate still staged
	state    TEXT NOT NULL,    -- of the delivery, as it told last; '' of others
	PRIMARY KEY (rollout, terminal)
) @clustered;
CREATE INDEX trial_by_night ON trial (rollout, kind, night, came, state);
-- Of those that took it in one night, and the others beside them: reports of nights after the base count.
CREATE TABLE cohort (
	rollout @number NOT NULL,
	night   @number NOT NULL,
	base    @number NOT NULL,
	PRIMARY KEY (rollout, night)
) @clustered;

-- When a terminal was heard of last before the night of its last report.
ALTER TABLE terminal ADD COLUMN before_s @number NOT NULL DEFAULT 0;

-- What was done to a rollout, by whom and why.
CREATE TABLE rollout_event (
	rollout @number NOT NULL,
	at_s    @number NOT NULL,
	what    TEXT NOT NULL, -- begun, opened, stopped, over
	stage   @number NOT NULL,
	by      TEXT NOT NULL, -- the rule, or the subject of a certificate, or an account of this machine
	why     TEXT NOT NULL
) @strict;
CREATE INDEX rollout_event_by_rollout ON rollout_event (rollout, at_s);

-- The brake's statement as it was signed last: one row.
CREATE TABLE brake (
	name     TEXT NOT NULL PRIMARY KEY,
	version  @number NOT NULL,
	issued_s @number NOT NULL,
	content  TEXT NOT NULL, -- what it says, to see whether anything changed
	text     TEXT NOT NULL  -- the signed document
) @strict;
