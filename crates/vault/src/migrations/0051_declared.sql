-- Whether a workspace declares that it handles health data or other special categories (1) or not (0): some providers forbid it.
ALTER TABLE workspaces ADD COLUMN special_categories BIGINT NOT NULL DEFAULT 0;
