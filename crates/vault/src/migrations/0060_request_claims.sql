-- Who says on the public page that an address or number is theirs, and what they ask: until they repeat the code that was sent there,
-- or for a day (S-1).
CREATE TABLE request_claims (
    workspace_id TEXT NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    language TEXT NOT NULL,
    address_hash BYTEA NOT NULL,
    claimed_sealed BYTEA,
    secret_hash BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    tries BIGINT NOT NULL,
    contact_id TEXT,
    channel_id TEXT,
    code_hash BYTEA,
    request_id TEXT,
    PRIMARY KEY (workspace_id, id)
);
CREATE INDEX request_claims_secret ON request_claims (workspace_id, secret_hash);
CREATE INDEX request_claims_address ON request_claims (workspace_id, address_hash, created_at);
CREATE INDEX request_claims_created ON request_claims (workspace_id, created_at);
CREATE INDEX request_claims_contact ON request_claims (workspace_id, contact_id);
