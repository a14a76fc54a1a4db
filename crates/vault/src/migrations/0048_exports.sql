-- Exports that were ordered for a contact (S-3): who may fetch the archive until when, and the ticket by which the person may, once. The
-- archive itself is written while it is fetched, and kept nowhere.
CREATE TABLE exports (
    workspace_id TEXT NOT NULL,
    id TEXT NOT NULL,
    contact_id TEXT NOT NULL,
    ordered_at BIGINT NOT NULL,
    ticket_hash BYTEA,
    ticket_at BIGINT,
    taken_at BIGINT,
    PRIMARY KEY (workspace_id, id)
);
CREATE INDEX exports_contact ON exports (workspace_id, contact_id);
CREATE INDEX exports_ordered ON exports (workspace_id, ordered_at);
