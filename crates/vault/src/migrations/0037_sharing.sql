-- Who opened a channel's account to us by signing in there, and whether they allowed that what is read in it leaves the workspace: who
-- allowed it, when, and by which version of the words they were shown.
ALTER TABLE channels ADD COLUMN signed_in_by TEXT;
ALTER TABLE channels ADD COLUMN signed_in_at BIGINT;
ALTER TABLE channels ADD COLUMN shared_by TEXT;
ALTER TABLE channels ADD COLUMN shared_at BIGINT;
ALTER TABLE channels ADD COLUMN shared_words TEXT;

-- From which channel a contact's name and language were learned; empty: a member or another program said so. Nobody noted it before.
ALTER TABLE contacts ADD COLUMN name_from TEXT;
ALTER TABLE contacts ADD COLUMN language_from TEXT;

-- Channels that were connected before are looked after as those that are connected from now on: the job finds out what there is to do,
-- if anything, and comes back as often as that wants it.
INSERT INTO jobs (id, workspace_id, kind, subject, due_at, attempts, created_at, lane)
    SELECT 'job_' || substr(id, 5), workspace_id, 'watch_account', id, 0, 0, 0, 'outside' FROM channel_directory
    WHERE state <> 'off'
    ON CONFLICT (workspace_id, kind, subject) DO NOTHING;
