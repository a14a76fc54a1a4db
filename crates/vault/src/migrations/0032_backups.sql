-- Backups that were taken, restores that were tried, and restores. One that is pending has to be finished before anything is
-- served, by a custody whose ledger begins with what is noted here.
CREATE TABLE backups (
    id TEXT PRIMARY KEY,
    act TEXT NOT NULL,
    outcome TEXT NOT NULL,
    chain_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    reaches_at BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    begun_at BIGINT NOT NULL,
    ended_at BIGINT NOT NULL,
    ledger_lines BIGINT,
    ledger_last BIGINT,
    ledger_hash BYTEA
);
CREATE INDEX backups_act ON backups (act, begun_at);
