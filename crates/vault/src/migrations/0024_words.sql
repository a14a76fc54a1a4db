-- When somebody last said whether they want messages, as far as that is known; lifted: they accept them again, and no older
-- refusal that comes late stands against that.
ALTER TABLE suppressions ADD COLUMN said_at BIGINT;
ALTER TABLE suppressions ADD COLUMN lifted BOOLEAN NOT NULL DEFAULT FALSE;

-- Since when the account is known to work, as it was last proven.
ALTER TABLE channels ADD COLUMN proven_at BIGINT;

-- By which channels of one app at a provider are found, whoever they belong to.
ALTER TABLE channel_directory ADD COLUMN app_hash BYTEA;
CREATE INDEX channel_directory_app ON channel_directory (app_hash);

-- Since when a row may have been sent: for so long, and no longer, its provider may know a repetition.
ALTER TABLE outbox ADD COLUMN tried_at BIGINT;

-- When it failed: a part of which nothing was heard by then may still turn out to be there.
ALTER TABLE messages ADD COLUMN failed_at BIGINT;

-- The jobs of one system in the order in which they are due.
CREATE INDEX jobs_endpoint_due ON jobs (endpoint_id, due_at);
UPDATE jobs SET endpoint_id = workspace_id WHERE endpoint_id IS NULL AND kind IN ('push', 'post_webhook');

-- user_hash: by which id the provider knows who wished; of_id: the first row of a wish that concerns several contacts;
-- waits_until: until then it is looked again for them; asked_id: after which contact to go on asking who they are.
ALTER TABLE deletion_requests ADD COLUMN user_hash BYTEA;
ALTER TABLE deletion_requests ADD COLUMN of_id TEXT;
ALTER TABLE deletion_requests ADD COLUMN waits_until BIGINT;
ALTER TABLE deletion_requests ADD COLUMN asked_id TEXT;
CREATE INDEX deletion_requests_user ON deletion_requests (workspace_id, user_hash);
CREATE INDEX deletion_requests_of ON deletion_requests (workspace_id, of_id);

-- An id by which a provider knows somebody, of a contact who is not the one that has it: the same person, as another contact.
CREATE TABLE shared_identities (
    workspace_id TEXT NOT NULL,
    value_hash BYTEA NOT NULL,
    contact_id TEXT NOT NULL,
    PRIMARY KEY (workspace_id, value_hash, contact_id)
);
CREATE INDEX shared_identities_contact ON shared_identities (workspace_id, contact_id);
