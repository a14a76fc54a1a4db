-- What must not be removed, why, and until when. The subject is a contact, a conversation, or the workspace itself.
CREATE TABLE legal_holds (
    workspace_id TEXT NOT NULL,
    id TEXT NOT NULL,
    subject TEXT NOT NULL,
    reason_sealed BYTEA NOT NULL,
    set_by TEXT NOT NULL,
    set_at BIGINT NOT NULL,
    ends_at BIGINT,
    lifted_at BIGINT,
    lifted_by TEXT,
    PRIMARY KEY (workspace_id, id)
);
CREATE INDEX legal_holds_subject ON legal_holds (workspace_id, subject);

-- Erasures that a hold keeps waiting; and what a message said that was taken back while a hold covered it.
CREATE INDEX erasures_held ON erasures (workspace_id, id) WHERE state = 'held';
ALTER TABLE messages ADD COLUMN kept_sealed BYTEA;
CREATE INDEX messages_kept ON messages (workspace_id, id) WHERE kept_sealed IS NOT NULL;

-- Who restricted what is done with a contact, and why; what the contact objects to, since when, who noted it, and why.
ALTER TABLE contacts ADD COLUMN restricted_by TEXT;
ALTER TABLE contacts ADD COLUMN restriction_sealed BYTEA;
ALTER TABLE contacts ADD COLUMN objected_at BIGINT;
ALTER TABLE contacts ADD COLUMN objected_by TEXT;
ALTER TABLE contacts ADD COLUMN objected_to TEXT;
ALTER TABLE contacts ADD COLUMN objection_sealed BYTEA;

-- Until when the content of a disconnected channel is kept, where its kind has a term; and when it was gone.
ALTER TABLE channels ADD COLUMN content_ends_at BIGINT;
ALTER TABLE channels ADD COLUMN content_gone_at BIGINT;
