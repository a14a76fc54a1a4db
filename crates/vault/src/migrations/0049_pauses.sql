-- Until when a provider told an account to send nothing: whoever is started anew, and every other node, keeps to it.
ALTER TABLE channel_directory ADD COLUMN paused_until BIGINT;
