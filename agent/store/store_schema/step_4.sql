-- Step 4, readable from 1: whether the machine was started, or woken, for a window by the alarm of its clock.

ALTER TABLE contact ADD COLUMN woken INTEGER NOT NULL DEFAULT 0;
