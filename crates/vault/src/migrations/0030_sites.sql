-- Websites that ask their visitors for consent, every text that was ever shown there, the choices that were made, and how
-- often pages were visited.

-- An installation's table: a site is found by its id before a workspace is known.
CREATE TABLE site_directory (
    id TEXT PRIMARY KEY,
    workspace_id TEXT NOT NULL
);
CREATE INDEX site_directory_of_workspace ON site_directory (workspace_id);

-- version: the text that is shown now.
CREATE TABLE sites (
    workspace_id TEXT NOT NULL,
    id TEXT NOT NULL,
    settings_sealed BYTEA NOT NULL,
    version TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, id)
);

-- Nothing changes a row: they are what was agreed to. version and purposes are hashes of what is shown and of what is asked for.
CREATE TABLE banner_texts (
    workspace_id TEXT NOT NULL,
    site_id TEXT NOT NULL,
    version TEXT NOT NULL,
    purposes TEXT NOT NULL,
    text_sealed BYTEA NOT NULL,
    made_at BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, site_id, version)
);

-- categories: those consented to, separated by spaces. ends_at: when the choice is over by itself.
CREATE TABLE consent_choices (
    workspace_id TEXT NOT NULL,
    id TEXT NOT NULL,
    site_id TEXT NOT NULL,
    version TEXT NOT NULL,
    way TEXT NOT NULL,
    categories TEXT NOT NULL,
    signal BOOLEAN NOT NULL,
    made_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, id)
);
CREATE INDEX consent_choices_of_site ON consent_choices (workspace_id, site_id, made_at);

-- Which browser chose, apart from what was chosen: this goes earlier.
CREATE TABLE consent_visitors (
    workspace_id TEXT NOT NULL,
    choice_id TEXT NOT NULL,
    visitor_hash BYTEA NOT NULL,
    made_at BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, choice_id)
);
CREATE INDEX consent_visitors_by_hash ON consent_visitors (workspace_id, visitor_hash);

-- day_at: when the day began (UTC). visitors: who was new that day.
CREATE TABLE site_days (
    workspace_id TEXT NOT NULL,
    site_id TEXT NOT NULL,
    day_at BIGINT NOT NULL,
    views BIGINT NOT NULL,
    visitors BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, site_id, day_at)
);

-- Hashes under a key of the day, which is destroyed: of yesterday's nobody can tell whose they are.
CREATE TABLE site_visitors (
    workspace_id TEXT NOT NULL,
    site_id TEXT NOT NULL,
    day_at BIGINT NOT NULL,
    visitor_hash BYTEA NOT NULL,
    PRIMARY KEY (workspace_id, site_id, day_at, visitor_hash)
);

-- What is counted by day: pages, the hosts that led to them, kinds of device.
CREATE TABLE site_things (
    workspace_id TEXT NOT NULL,
    id TEXT NOT NULL,
    site_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    thing_hash BYTEA NOT NULL,
    thing_sealed BYTEA NOT NULL,
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, id),
    UNIQUE (workspace_id, site_id, kind, thing_hash)
);

CREATE TABLE site_counts (
    workspace_id TEXT NOT NULL,
    site_id TEXT NOT NULL,
    day_at BIGINT NOT NULL,
    thing_id TEXT NOT NULL,
    views BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, site_id, day_at, thing_id)
);
