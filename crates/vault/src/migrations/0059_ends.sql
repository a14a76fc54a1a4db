-- What was agreed to for a while only, as a provider told, counts no longer from then on.
ALTER TABLE consents ADD COLUMN ends_at BIGINT;
