-- What was received before an erasure is told by its place in the inbox: a clock can be set back.
ALTER TABLE suppressions ADD COLUMN received_before BIGINT;
