-- By whose workers a job is done, so that what waits for systems outside keeps nothing else waiting. A program that does not know of
-- lanes leaves its jobs to the house.
ALTER TABLE jobs ADD COLUMN lane TEXT NOT NULL DEFAULT 'house';
UPDATE jobs SET lane = 'posts' WHERE kind IN ('push', 'post_webhook');
UPDATE jobs SET lane = 'outside' WHERE kind IN ('fetch_file', 'erase_remote', 'connect_channel', 'ask_person', 'poll_channel',
    'sync_templates', 'renew_tokens');
-- The workspace stands in both, so that a workspace that has all it may have is passed over without reading its rows.
CREATE INDEX jobs_lane_due ON jobs (lane, due_at, workspace_id);
CREATE INDEX jobs_lane_lease ON jobs (lane, lease_until, workspace_id);

-- How often a channel's tokens were renewed lately because they were not taken, and when last.
ALTER TABLE channels ADD COLUMN renewals BIGINT NOT NULL DEFAULT 0;
ALTER TABLE channels ADD COLUMN renewed_at BIGINT;

-- asked_at: when everybody had been asked about for a wish; undetermined: of somebody no answer came, or nobody could be asked at all.
ALTER TABLE deletion_requests ADD COLUMN asked_at BIGINT;
ALTER TABLE deletion_requests ADD COLUMN undetermined BOOLEAN NOT NULL DEFAULT FALSE;
