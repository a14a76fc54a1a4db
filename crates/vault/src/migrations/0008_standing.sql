-- When a provider said what is kept of an account: what it said earlier and comes later changes nothing.
ALTER TABLE channels ADD COLUMN quality_at BIGINT;
ALTER TABLE channels ADD COLUMN recipients_at BIGINT;
ALTER TABLE channels ADD COLUMN works_at BIGINT;

-- What several channels belong to at the provider, by keyed hash: its bound of people written to first is theirs together.
ALTER TABLE channels ADD COLUMN portfolio_hash BYTEA;
CREATE INDEX channels_portfolio ON channels (workspace_id, portfolio_hash) WHERE portfolio_hash IS NOT NULL;
