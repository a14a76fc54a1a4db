-- What people asked of their data (S-1): who asked, when it has to be answered, and what came of it.
CREATE TABLE requests (
    workspace_id TEXT NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    came_by TEXT NOT NULL,
    contact_id TEXT,
    conversation_id TEXT,
    words_sealed BYTEA,
    country TEXT NOT NULL,
    zone TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    extended_at BIGINT,
    verified_at BIGINT,
    verified_by TEXT,
    outcome TEXT,
    closed_at BIGINT,
    PRIMARY KEY (workspace_id, id)
);
CREATE INDEX requests_contact ON requests (workspace_id, contact_id);
CREATE INDEX requests_due ON requests (workspace_id, closed_at, due_at);

-- All that was done about each, in its order; never changed.
CREATE TABLE request_steps (
    workspace_id TEXT NOT NULL,
    id TEXT NOT NULL,
    request_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    at BIGINT NOT NULL,
    step TEXT NOT NULL,
    actor TEXT NOT NULL,
    detail_sealed BYTEA,
    PRIMARY KEY (workspace_id, id),
    UNIQUE (workspace_id, request_id, number)
);

-- By which country's law a workspace answers.
ALTER TABLE workspaces ADD COLUMN country TEXT;
