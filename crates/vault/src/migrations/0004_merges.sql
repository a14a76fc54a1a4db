-- Two contacts that are one person. Rows stay where they are; a contact that was merged says into whom.

-- Who stays in the end, however many merges lie between.
ALTER TABLE contacts ADD COLUMN merged_into TEXT;
CREATE INDEX contacts_merged ON contacts (workspace_id, merged_into) WHERE merged_into IS NOT NULL;

CREATE TABLE merges (
    workspace_id TEXT NOT NULL,
    id TEXT NOT NULL,
    -- Who stayed, and who was merged into them.
    contact_id TEXT NOT NULL,
    merged_id TEXT NOT NULL,
    merged_by TEXT NOT NULL,
    merged_at BIGINT NOT NULL,
    split_at BIGINT,
    PRIMARY KEY (workspace_id, id)
);
CREATE INDEX merges_contact ON merges (workspace_id, contact_id);
CREATE INDEX merges_merged ON merges (workspace_id, merged_id);
CREATE UNIQUE INDEX merges_standing ON merges (workspace_id, merged_id) WHERE split_at IS NULL;
