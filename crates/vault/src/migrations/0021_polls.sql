-- Where the asking of an account goes on that is asked what came. Each answer that is kept is a turn.
CREATE TABLE polls (
    workspace_id TEXT NOT NULL,
    channel_id TEXT NOT NULL,
    turn BIGINT NOT NULL,
    cursor_sealed BYTEA NOT NULL,
    asked_at BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, channel_id)
);
