-- A send that was put off after a try whose reply was lost: a later refusal must not call it certainly not sent.
ALTER TABLE outbox ADD COLUMN in_doubt BOOLEAN NOT NULL DEFAULT FALSE;
