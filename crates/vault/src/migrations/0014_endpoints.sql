-- endpoint_id: to which of many that may be slow a job goes. Each has a few workers at a time and no more.
ALTER TABLE jobs ADD COLUMN endpoint_id TEXT;
CREATE INDEX jobs_endpoint ON jobs (endpoint_id, lease_until);
