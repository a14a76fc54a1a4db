-- Keys of an erasure that are yet to be destroyed in custody. They are not in its dossier, which may not open any more.
CREATE TABLE doomed_keys (
    workspace_id TEXT NOT NULL,
    erasure_id TEXT NOT NULL,
    key_id TEXT NOT NULL,
    PRIMARY KEY (workspace_id, erasure_id, key_id)
);
