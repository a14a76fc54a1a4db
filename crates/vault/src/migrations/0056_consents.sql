-- What was agreed to is only added to: its withdrawal is a row of its own, which says how it came. The exact text that was shown, and
-- by which country's law the workspace answered then, are kept with each consent.
CREATE TABLE consent_withdrawals (
    workspace_id TEXT NOT NULL,
    consent_id TEXT NOT NULL,
    contact_id TEXT NOT NULL,
    way TEXT NOT NULL,
    said_at BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, consent_id)
);
CREATE INDEX consent_withdrawals_contact ON consent_withdrawals (workspace_id, contact_id);
CREATE INDEX consent_withdrawals_said ON consent_withdrawals (workspace_id, said_at);
INSERT INTO consent_withdrawals (workspace_id, consent_id, contact_id, way, said_at)
    SELECT workspace_id, id, contact_id, 'unknown', withdrawn_at FROM consents WHERE withdrawn_at IS NOT NULL;
DROP INDEX consents_withdrawn;
ALTER TABLE consents DROP COLUMN withdrawn_at;
ALTER TABLE consents ADD COLUMN text_sealed BYTEA;
ALTER TABLE consents ADD COLUMN country TEXT;
-- Whether a message goes by e-mail, where alone a soft opt-in is ground enough for advertising.
ALTER TABLE outbox ADD COLUMN by_mail BOOLEAN NOT NULL DEFAULT FALSE;
