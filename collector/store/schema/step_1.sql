-- One schema for both databases. Words that begin with an at sign are what they call differently (collector/store/dialect.h).
-- Times are seconds since 1970 in UTC and end in _s; 0 stands for never. A night is the number of days from 1970-01-01 to
-- the date it begins on.

CREATE TABLE setting (
	name  TEXT NOT NULL PRIMARY KEY,
	value TEXT NOT NULL
) @strict;

-- A terminal as its last report told it. Its id is made of its key (terminal_id_of), so that nobody has to hand out numbers.
CREATE TABLE terminal (
	id                 @id,
	key                TEXT NOT NULL,    -- id of its own key, 64 digits
	name               TEXT NOT NULL,    -- common name of its certificate
	institution        TEXT NOT NULL,    -- code, 10 digits; '' where its certificate bears none
	ring               TEXT NOT NULL,
	certificate        TEXT NOT NULL,    -- SHA-256 fingerprint, 64 digits
	certificate_ends_s @number NOT NULL,
	form               @number NOT NULL, -- of its last report
	agent              TEXT NOT NULL,
	environment        TEXT NOT NULL,
	verdict            TEXT NOT NULL,
	reason             TEXT NOT NULL,
	words              TEXT NOT NULL,    -- why it would be silent, by what it said last
	packages           TEXT NOT NULL,    -- JSON, as reported
	problems           TEXT NOT NULL,    -- JSON, as reported
	number             @number NOT NULL, -- of its last report
	digest             TEXT NOT NULL,    -- of its last report
	rows               @number NOT NULL, -- of its history
	head               TEXT NOT NULL,
	first_s            @number NOT NULL, -- its first report
	made_s             @number NOT NULL,
	received_s         @number NOT NULL,
	opens_s            @number NOT NULL, -- its next window
	closes_s           @number NOT NULL,
	silent_s           @number NOT NULL, -- since when a report is missing; 0: none is
	cause              TEXT NOT NULL,    -- of its silence; '' while it is not silent
	twin_s             @number NOT NULL  -- when two were seen that say to be this one
) @strict;
CREATE INDEX terminal_by_institution ON terminal (institution, id);
CREATE INDEX terminal_by_name ON terminal (name, id);
CREATE INDEX terminal_by_verdict ON terminal (verdict, id);
CREATE INDEX terminal_by_cause ON terminal (cause, id) WHERE silent_s > 0;
CREATE INDEX terminal_by_silence ON terminal (id) WHERE silent_s > 0;
CREATE INDEX terminal_by_due ON terminal (silent_s, closes_s, opens_s);
CREATE INDEX terminal_by_twin ON terminal (id) WHERE twin_s > 0;
CREATE INDEX terminal_by_received ON terminal (received_s);

-- The reports themselves, as they came.
CREATE TABLE report (
	received_s  @number NOT NULL,
	terminal    @number NOT NULL,
	number      @number NOT NULL,
	certificate TEXT NOT NULL,  -- fingerprint: also what its body is packed against
	digest      @bytes NOT NULL,
	size        @number NOT NULL,
	body        @bytes NOT NULL -- packed (collector/store/packing.h)
) @monthly;
CREATE INDEX report_by_terminal ON report (terminal, number);

-- What a terminal has of each package.
CREATE TABLE installed (
	terminal @number NOT NULL,
	package  TEXT NOT NULL,
	version  TEXT NOT NULL,
	state    TEXT NOT NULL,
	staged   TEXT NOT NULL,
	newest   TEXT NOT NULL,
	PRIMARY KEY (terminal, package)
) @clustered;
CREATE INDEX installed_by_release ON installed (package, version, terminal, state);

-- The releases that anybody told of. The id is made of the rest (release_id_of).
CREATE TABLE release (
	id      @id,
	package TEXT NOT NULL,
	version TEXT NOT NULL,
	digest  TEXT NOT NULL,
	first_s @number NOT NULL
) @strict;
CREATE INDEX release_by_package ON release (package, version);

-- What became of each release on each terminal.
CREATE TABLE delivery (
	terminal  @number NOT NULL,
	release   @number NOT NULL,
	planned_s @number NOT NULL,
	state     TEXT NOT NULL,
	campaign  @number NOT NULL,
	changed_s @number NOT NULL,
	attempts  @number NOT NULL,
	error     TEXT NOT NULL,
	detail    TEXT NOT NULL,
	report    @number NOT NULL, -- number of the report that said so
	PRIMARY KEY (terminal, release, planned_s)
) @clustered;
CREATE INDEX delivery_by_release ON delivery (release, terminal);
CREATE INDEX delivery_by_state ON delivery (release, state, terminal, changed_s, planned_s);
CREATE INDEX delivery_by_campaign ON delivery (campaign, state, terminal);

-- Client certificates that were shown, or issued here.
CREATE TABLE certificate (
	fingerprint TEXT NOT NULL PRIMARY KEY,
	subject     TEXT NOT NULL,
	name        TEXT NOT NULL,
	institution TEXT NOT NULL,
	serial      TEXT NOT NULL,
	ends_s      @number NOT NULL,
	first_s     @number NOT NULL,
	text        TEXT NOT NULL  -- as reports carry it; '' where none did yet
) @strict;

-- Figures of the fleet, one set for each night; those of the present night are written anew until it ends.
CREATE TABLE summary (
	night  @number NOT NULL,
	kind   TEXT NOT NULL,
	name   TEXT NOT NULL,
	figure @number NOT NULL,
	PRIMARY KEY (night, kind, name)
) @clustered;

-- When collectors were there to take reports.
CREATE TABLE presence (
	collector TEXT NOT NULL,
	from_s    @number NOT NULL,
	to_s      @number NOT NULL,
	PRIMARY KEY (collector, from_s)
) @clustered;
CREATE INDEX presence_by_end ON presence (to_s);

-- Which of several collectors does what only one may do.
CREATE TABLE lease (
	name    TEXT NOT NULL PRIMARY KEY,
	holder  TEXT NOT NULL,
	until_s @number NOT NULL
) @strict;

-- Who looked at a terminal.
CREATE TABLE access (
	at_s     @number NOT NULL,
	subject  TEXT NOT NULL,
	role     TEXT NOT NULL,
	terminal @number NOT NULL
) @strict;
CREATE INDEX access_by_terminal ON access (terminal, at_s);

-- Reports that are not in the ledger yet, and where those are that were logged.
CREATE TABLE unlogged (
	digest   @bytes NOT NULL PRIMARY KEY,
	since_s  @number NOT NULL,
	terminal TEXT NOT NULL,
	number   @number NOT NULL,
	rows     @number NOT NULL,
	head     TEXT NOT NULL
) @strict;
CREATE INDEX unlogged_by_age ON unlogged (since_s, number);
CREATE TABLE logged (
	position @id,
	digest   @bytes NOT NULL
) @strict;
CREATE INDEX logged_by_digest ON logged (digest);
