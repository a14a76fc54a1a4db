-- Different mails can share an id. Where the fingerprint of the one that has it is known (it is an id of the same message, too), only
-- what has that fingerprint is the same mail.
ALTER TABLE remotes ADD COLUMN told_apart BOOLEAN;

-- By which of their identities the contact wrote last: an answer goes there.
ALTER TABLE conversations ADD COLUMN answer_to_id TEXT;
