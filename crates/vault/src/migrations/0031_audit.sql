-- What an entry of the audit log names enters its leaf as a hash with a salt of its own, so that both can be wiped and the
-- leaf still be computed. Entries from before have neither.
ALTER TABLE audit ADD COLUMN subject_salt BYTEA;
ALTER TABLE audit ADD COLUMN subject_hash BYTEA;
CREATE INDEX audit_subject ON audit (workspace_id, subject);
CREATE INDEX audit_visitor ON audit (workspace_id, actor_id) WHERE actor_kind = 'visitor';
