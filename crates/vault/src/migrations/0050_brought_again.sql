-- What was written until this moment has gone by the messages' term: a mailbox that brings it once more does not bring it back. Of
-- sweeps before this was noted the next one says it.
ALTER TABLE sweeps ADD COLUMN messages_before BIGINT;
