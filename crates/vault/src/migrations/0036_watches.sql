-- How an account's provider tells here that there is news: what it was asked for, as the connector keeps it; until when it was
-- promised; and when a word of it was last heard, as long as it can be relied on.
ALTER TABLE channels ADD COLUMN watch_sealed BYTEA;
ALTER TABLE channels ADD COLUMN watch_until BIGINT;
ALTER TABLE channels ADD COLUMN watch_heard_at BIGINT;
