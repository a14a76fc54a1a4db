-- Which app of a business answers a conversation, where several may: elsewhere, or we.
CREATE TABLE answering (
    workspace_id TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    contact_id TEXT NOT NULL,
    elsewhere BOOLEAN NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, conversation_id)
);
CREATE INDEX answering_contact ON answering (workspace_id, contact_id);

-- Wishes of people, told by a provider, that what is held of them be deleted. Who knows the code is told what became of it.
CREATE TABLE deletion_requests (
    workspace_id TEXT NOT NULL,
    id TEXT NOT NULL,
    channel_id TEXT NOT NULL,
    code_hash BYTEA NOT NULL,
    contact_id TEXT,
    erasure_id TEXT,
    requested_at BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, id),
    UNIQUE (workspace_id, channel_id, code_hash)
);
