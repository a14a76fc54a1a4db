-- The end of a workspace: ordered, due after a countdown in which it can be taken back, and carried out.
ALTER TABLE workspaces ADD COLUMN ending_ordered_at BIGINT;
ALTER TABLE workspaces ADD COLUMN ending_by TEXT;
ALTER TABLE workspaces ADD COLUMN ends_at BIGINT;
-- 1: nobody wants an export first.
ALTER TABLE workspaces ADD COLUMN ending_unexported BIGINT NOT NULL DEFAULT 0;
ALTER TABLE workspaces ADD COLUMN ending_begun_at BIGINT;
ALTER TABLE workspaces ADD COLUMN ended_at BIGINT;
-- When somebody last had the whole of its archive.
ALTER TABLE workspaces ADD COLUMN exported_at BIGINT;
