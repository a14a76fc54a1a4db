-- Folders of a search index that are not in use: being filled, or to be removed.
CREATE TABLE index_folders (
    workspace_id TEXT NOT NULL,
    folder BIGINT NOT NULL,
    doomed BOOLEAN NOT NULL,
    PRIMARY KEY (workspace_id, folder)
);

-- A search index that may be damaged, or that takes everything in anew; up to which contact and message it came.
CREATE TABLE index_repairs (
    workspace_id TEXT NOT NULL,
    state TEXT NOT NULL,
    contacts_after TEXT NOT NULL,
    messages_after TEXT NOT NULL,
    PRIMARY KEY (workspace_id)
);
