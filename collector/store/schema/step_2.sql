-- For the page of a large fleet: lists that are narrowed by several things at once, what is left of a campaign, why releases
-- were taken back.
CREATE INDEX terminal_by_filter ON terminal (id, verdict, cause, ring, institution, silent_s, twin_s);
CREATE INDEX delivery_left ON delivery (campaign, terminal) WHERE state <> 'confirmed';
CREATE INDEX delivery_failed ON delivery (release, state, error, detail) WHERE state IN ('rolled-back', 'rejected', 'failed');
