-- How many of the messages that one message makes at the provider are there already: what is still to be sent goes on from there.
ALTER TABLE outbox ADD COLUMN begun BIGINT NOT NULL DEFAULT 0;
