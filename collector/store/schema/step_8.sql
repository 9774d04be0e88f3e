-- How often a terminal was missing of late, in hundredths of a night (collector/judgement/others.h).
ALTER TABLE terminal ADD COLUMN absence @number NOT NULL DEFAULT 0;
-- Whether it was there nearly every night until then: of what befell it more is to be learned.
ALTER TABLE trial ADD COLUMN steady @number NOT NULL DEFAULT 0;
DROP INDEX trial_by_night;
CREATE INDEX trial_by_night ON trial (rollout, kind, night, came, state, steady);
