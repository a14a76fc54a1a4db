-- How long a workspace keeps what, where it chose something else than the default; set_by_id: the member, none for the operator.
CREATE TABLE retention_terms (
    workspace_id TEXT NOT NULL,
    category TEXT NOT NULL,
    days BIGINT NOT NULL,
    set_by_id TEXT,
    set_at BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, category)
);

-- The newest sweep of a workspace. state: running, done, or stopped, because the clock is not believed. as_of: the moment as of
-- which it judges what is due. removed: how many rows went, by category.
CREATE TABLE sweeps (
    workspace_id TEXT NOT NULL,
    state TEXT NOT NULL,
    as_of BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    finished_at BIGINT,
    removed TEXT NOT NULL,
    PRIMARY KEY (workspace_id)
);

-- What is due is found without looking at what is not.
CREATE INDEX messages_written ON messages (workspace_id, written_at, id);
CREATE INDEX consents_withdrawn ON consents (workspace_id, withdrawn_at) WHERE withdrawn_at IS NOT NULL;
