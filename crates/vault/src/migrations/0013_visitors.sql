-- Solved challenges that were taken, until they would have expired: each is good once.
CREATE TABLE spent_challenges (
    workspace_id TEXT NOT NULL,
    challenge_hash BYTEA NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, challenge_hash)
);
CREATE INDEX spent_challenges_expire ON spent_challenges (workspace_id, expires_at);
