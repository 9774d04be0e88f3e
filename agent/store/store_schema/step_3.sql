-- Step 3, readable from 1: what happened last of one kind is found without a look at the rows of all others.

CREATE INDEX history_of_operation ON history (operation, number, package);
