-- In which message something was asked: it is recorded once.
ALTER TABLE requests ADD COLUMN message_id TEXT;
CREATE UNIQUE INDEX requests_message ON requests (workspace_id, message_id);
