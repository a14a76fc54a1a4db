-- What a provider with accounts, templates, windows and prices needs.

-- Several channels may speak for accounts behind one hook: a keyed hash of kind and account finds them.
ALTER TABLE channel_directory ADD COLUMN account_hash BYTEA;
CREATE INDEX channel_directory_account ON channel_directory (account_hash);

ALTER TABLE channels ADD COLUMN quality TEXT;
-- How many people may be written to first within 24 hours; NULL: not known, 0: without bound.
ALTER TABLE channels ADD COLUMN daily_recipients BIGINT;

ALTER TABLE messages ADD COLUMN price_category TEXT;
ALTER TABLE messages ADD COLUMN billable BOOLEAN;

-- Until when the provider may still tell, by our own id, that a send whose reply was lost arrived.
ALTER TABLE outbox ADD COLUMN echo_until BIGINT;

CREATE TABLE templates (
    workspace_id TEXT NOT NULL,
    channel_id TEXT NOT NULL,
    name TEXT NOT NULL,
    language TEXT NOT NULL,
    category TEXT NOT NULL,
    status TEXT NOT NULL,
    quality TEXT,
    reason TEXT,
    -- The whole template as JSON.
    content_sealed BYTEA NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, channel_id, name, language)
);

-- Whom a channel wrote to first, and when last: what a provider's daily bound counts.
CREATE TABLE initiations (
    workspace_id TEXT NOT NULL,
    channel_id TEXT NOT NULL,
    contact_id TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, channel_id, contact_id)
);
CREATE INDEX initiations_at ON initiations (workspace_id, channel_id, at);
