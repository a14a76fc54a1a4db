-- Several keys of one contact on one channel (rotation leaves the old beside the new until nothing needs it), and the
-- rotations under way.

CREATE TABLE contact_keys_of_0002 (
    workspace_id TEXT NOT NULL,
    contact_id TEXT NOT NULL,
    channel_id TEXT NOT NULL,
    key_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    -- What is written from now on is no longer sealed under it.
    retired_at BIGINT,
    -- The rotation that retired it, and alone destroys it; none where a restore found that it is gone.
    retired_by TEXT,
    PRIMARY KEY (workspace_id, key_id)
);
INSERT INTO contact_keys_of_0002 (workspace_id, contact_id, channel_id, key_id, created_at)
    SELECT workspace_id, contact_id, channel_id, key_id, created_at FROM contact_keys;
DROP TABLE contact_keys;
ALTER TABLE contact_keys_of_0002 RENAME TO contact_keys;
CREATE INDEX contact_keys_contact ON contact_keys (workspace_id, contact_id, channel_id);

CREATE TABLE rotations (
    workspace_id TEXT NOT NULL,
    id TEXT NOT NULL,
    -- contact, content, evidence, index, workspace, audit
    what TEXT NOT NULL,
    -- The contact, or '' for a key of the workspace.
    subject TEXT NOT NULL,
    state TEXT NOT NULL,
    -- Which generation of the key takes over; 0 for a contact's and the workspace key.
    target BIGINT NOT NULL,
    -- A table and the key of its last row that was looked at, line by line.
    place TEXT NOT NULL,
    -- How many cells under an old key this pass has found.
    found BIGINT NOT NULL,
    -- How many cells were sealed anew.
    cells BIGINT NOT NULL,
    -- How many cells under an old key this pass could not open: they were damaged before.
    damaged BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    completed_at BIGINT,
    PRIMARY KEY (workspace_id, id)
);
CREATE INDEX rotations_subject ON rotations (workspace_id, what, subject);
