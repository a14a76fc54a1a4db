-- How a workspace arranges its work: teams, labels, canned replies, saved views, business hours, invitations.

-- The language a member reads the app in, and what the app keeps for them, as JSON.
ALTER TABLE members ADD COLUMN locale TEXT;
ALTER TABLE members ADD COLUMN preferences_sealed BYTEA;

-- An installation's table: an invitation is found by its token before a workspace is known. One for each member at most.
CREATE TABLE invitations (
    token_hash BYTEA PRIMARY KEY,
    workspace_id TEXT NOT NULL,
    member_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    UNIQUE (workspace_id, member_id)
);

-- In what a member signed in, by the session's id. In a table apart: the installation's holds nothing that is sealed.
CREATE TABLE session_devices (
    workspace_id TEXT NOT NULL,
    id TEXT NOT NULL,
    member_id TEXT NOT NULL,
    device_sealed BYTEA NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, id)
);

CREATE TABLE teams (
    workspace_id TEXT NOT NULL,
    id TEXT NOT NULL,
    name_hash BYTEA NOT NULL,
    name_sealed BYTEA NOT NULL,
    PRIMARY KEY (workspace_id, id),
    UNIQUE (workspace_id, name_hash)
);

CREATE TABLE team_members (
    workspace_id TEXT NOT NULL,
    team_id TEXT NOT NULL,
    member_id TEXT NOT NULL,
    PRIMARY KEY (workspace_id, team_id, member_id)
);
CREATE INDEX conversations_of_team ON conversations (workspace_id, team_id) WHERE team_id IS NOT NULL;

-- One of the app's tones, '0' to '5'.
ALTER TABLE labels ADD COLUMN colour TEXT;

CREATE TABLE canned_replies (
    workspace_id TEXT NOT NULL,
    id TEXT NOT NULL,
    shortcut_hash BYTEA NOT NULL,
    shortcut_sealed BYTEA NOT NULL,
    text_sealed BYTEA NOT NULL,
    team_id TEXT,
    PRIMARY KEY (workspace_id, id),
    UNIQUE (workspace_id, shortcut_hash)
);

-- filter_sealed: the parameters of a list of conversations, as JSON. They may be words that are looked for.
CREATE TABLE saved_views (
    workspace_id TEXT NOT NULL,
    id TEXT NOT NULL,
    member_id TEXT NOT NULL,
    shared BOOLEAN NOT NULL,
    name_sealed BYTEA NOT NULL,
    filter_sealed BYTEA NOT NULL,
    position BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, id)
);

-- id: whose hours they are; 'workspace' is the only one so far. hours_sealed: zone, week and holidays as JSON.
CREATE TABLE business_hours (
    workspace_id TEXT NOT NULL,
    id TEXT NOT NULL,
    hours_sealed BYTEA NOT NULL,
    PRIMARY KEY (workspace_id, id)
);
