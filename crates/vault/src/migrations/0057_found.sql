-- What was found in an uploaded file that some provider forbids; unseen before, it is looked for in what is uploaded from now on.
ALTER TABLE attachments ADD COLUMN found_sealed BYTEA;
