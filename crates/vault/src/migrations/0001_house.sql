-- The house: workspaces, people, conversations, and the tables between the stages.
-- House dialect: TEXT BIGINT DOUBLE PRECISION BOOLEAN BYTEA; times are milliseconds; BYTEA columns named *_sealed are
-- sealed cells; *_hash are keyed hashes. Installation tables (map.rs) hold ids, states, times and hashes only.

-- ── installation tables: no row-level security, no personal data ──────────────────────────────────────────────────

CREATE TABLE workspaces (
    id TEXT PRIMARY KEY,
    region TEXT NOT NULL,
    name_sealed BYTEA NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE counters (
    workspace_id TEXT NOT NULL,
    name TEXT NOT NULL,
    value BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, name)
);

CREATE TABLE channel_directory (
    id TEXT PRIMARY KEY,
    workspace_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    version BIGINT NOT NULL,
    -- Who processes this channel's inbox rows: one at a time, so order holds over all nodes.
    inbox_lease TEXT,
    inbox_lease_until BIGINT
);

CREATE TABLE logins (
    email_hash BYTEA NOT NULL,
    workspace_id TEXT NOT NULL,
    member_id TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    PRIMARY KEY (email_hash, workspace_id)
);

CREATE TABLE sessions (
    token_hash BYTEA PRIMARY KEY,
    workspace_id TEXT NOT NULL,
    member_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE TABLE tokens (
    id TEXT PRIMARY KEY,
    token_hash BYTEA NOT NULL UNIQUE,
    workspace_id TEXT NOT NULL,
    member_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT
);

-- Received requests, sealed under a custody key of the day; a processed row is deleted.
CREATE TABLE inbox (
    id TEXT PRIMARY KEY,
    workspace_id TEXT NOT NULL,
    channel_id TEXT NOT NULL,
    seq BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    body_sealed BYTEA NOT NULL,
    attempts BIGINT NOT NULL,
    failure TEXT
);
CREATE INDEX inbox_due ON inbox (channel_id, seq);

-- One row per thing to be sent; the content is in messages, or in detail_sealed for what is no message (the answer to a tap).
CREATE TABLE outbox (
    id TEXT PRIMARY KEY,
    workspace_id TEXT NOT NULL,
    channel_id TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    contact_id TEXT NOT NULL,
    message_id TEXT NOT NULL,
    act TEXT NOT NULL,
    seq BIGINT NOT NULL,
    detail_sealed BYTEA,
    purpose TEXT NOT NULL,
    automatic BOOLEAN NOT NULL,
    is_template BOOLEAN NOT NULL,
    free_until BIGINT,
    attempts BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    lease_until BIGINT,
    lease TEXT,
    created_at BIGINT NOT NULL,
    UNIQUE (workspace_id, conversation_id, seq)
);
CREATE INDEX outbox_due ON outbox (due_at);

CREATE TABLE jobs (
    id TEXT PRIMARY KEY,
    workspace_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    due_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    lease_until BIGINT,
    lease TEXT,
    failure TEXT,
    created_at BIGINT NOT NULL,
    UNIQUE (workspace_id, kind, subject)
);
CREATE INDEX jobs_due ON jobs (due_at);
CREATE INDEX jobs_lease ON jobs (lease_until);

-- ── a workspace's own tables: row-level security, workspace first ──────────────────────────────────────────────────

CREATE TABLE members (
    workspace_id TEXT NOT NULL,
    id TEXT NOT NULL,
    role TEXT NOT NULL,
    state TEXT NOT NULL,
    name_sealed BYTEA NOT NULL,
    email_sealed BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, id)
);

CREATE TABLE channels (
    workspace_id TEXT NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    name_sealed BYTEA NOT NULL,
    settings_sealed BYTEA,
    account_sealed BYTEA,
    state TEXT NOT NULL,
    state_reason TEXT,
    created_at BIGINT NOT NULL,
    disconnected_at BIGINT,
    PRIMARY KEY (workspace_id, id)
);

CREATE TABLE contacts (
    workspace_id TEXT NOT NULL,
    id TEXT NOT NULL,
    name_sealed BYTEA,
    attributes_sealed BYTEA,
    language_sealed BYTEA,
    created_at BIGINT NOT NULL,
    active_at BIGINT NOT NULL,
    restricted_at BIGINT,
    erased_at BIGINT,
    PRIMARY KEY (workspace_id, id)
);
CREATE INDEX contacts_active ON contacts (workspace_id, active_at, id);

-- Which keys a contact's content is sealed under; channel_id is '' for the profile. Erasure deletes the rows.
CREATE TABLE contact_keys (
    workspace_id TEXT NOT NULL,
    contact_id TEXT NOT NULL,
    channel_id TEXT NOT NULL,
    key_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, contact_id, channel_id)
);
CREATE UNIQUE INDEX contact_keys_key ON contact_keys (workspace_id, key_id);

CREATE TABLE identities (
    workspace_id TEXT NOT NULL,
    id TEXT NOT NULL,
    contact_id TEXT NOT NULL,
    channel_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    value_hash BYTEA NOT NULL,
    value_sealed BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, id),
    UNIQUE (workspace_id, value_hash)
);
CREATE INDEX identities_contact ON identities (workspace_id, contact_id);

CREATE TABLE conversations (
    workspace_id TEXT NOT NULL,
    id TEXT NOT NULL,
    channel_id TEXT NOT NULL,
    contact_id TEXT NOT NULL,
    thread_hash BYTEA,
    thread_sealed BYTEA,
    status TEXT NOT NULL,
    assignee_id TEXT,
    team_id TEXT,
    priority TEXT NOT NULL,
    message_seq BIGINT NOT NULL,
    read_seq BIGINT NOT NULL,
    unread_count BIGINT NOT NULL,
    last_message_id TEXT,
    window_until BIGINT,
    created_at BIGINT NOT NULL,
    active_at BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, id),
    UNIQUE (workspace_id, channel_id, thread_hash)
);
CREATE INDEX conversations_active ON conversations (workspace_id, active_at, id);
CREATE INDEX conversations_contact ON conversations (workspace_id, contact_id);

CREATE TABLE labels (
    workspace_id TEXT NOT NULL,
    id TEXT NOT NULL,
    name_hash BYTEA NOT NULL,
    name_sealed BYTEA NOT NULL,
    PRIMARY KEY (workspace_id, id),
    UNIQUE (workspace_id, name_hash)
);

CREATE TABLE conversation_labels (
    workspace_id TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    label_id TEXT NOT NULL,
    PRIMARY KEY (workspace_id, conversation_id, label_id)
);

CREATE TABLE messages (
    workspace_id TEXT NOT NULL,
    id TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    seq BIGINT NOT NULL,
    channel_id TEXT NOT NULL,
    contact_id TEXT NOT NULL,
    direction TEXT NOT NULL,
    author_kind TEXT NOT NULL,
    author_id TEXT,
    body_sealed BYTEA,
    remote_sealed BYTEA,
    reply_to TEXT,
    state TEXT NOT NULL,
    failure_code TEXT,
    failure_sealed BYTEA,
    written_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    sent_at BIGINT,
    delivered_at BIGINT,
    read_at BIGINT,
    edited_at BIGINT,
    removed_at BIGINT,
    PRIMARY KEY (workspace_id, id),
    UNIQUE (workspace_id, conversation_id, seq)
);
CREATE INDEX messages_contact ON messages (workspace_id, contact_id);

-- A message's ids at the provider, by keyed hash: what makes a duplicate delivery one message.
CREATE TABLE remotes (
    workspace_id TEXT NOT NULL,
    channel_id TEXT NOT NULL,
    remote_hash BYTEA NOT NULL,
    message_id TEXT NOT NULL,
    contact_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, channel_id, remote_hash)
);
CREATE INDEX remotes_message ON remotes (workspace_id, message_id);
CREATE INDEX remotes_contact ON remotes (workspace_id, contact_id);

CREATE TABLE attachments (
    workspace_id TEXT NOT NULL,
    id TEXT NOT NULL,
    message_id TEXT,
    contact_id TEXT,
    channel_id TEXT,
    position BIGINT NOT NULL,
    state TEXT NOT NULL,
    failure TEXT,
    role TEXT NOT NULL,
    content_type TEXT NOT NULL,
    size BIGINT NOT NULL,
    name_sealed BYTEA,
    locator_sealed BYTEA,
    file_key_sealed BYTEA,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, id)
);
CREATE INDEX attachments_message ON attachments (workspace_id, message_id);
CREATE INDEX attachments_contact ON attachments (workspace_id, contact_id);

CREATE TABLE reactions (
    workspace_id TEXT NOT NULL,
    message_id TEXT NOT NULL,
    author_kind TEXT NOT NULL,
    author_id TEXT NOT NULL,
    contact_id TEXT NOT NULL,
    emoji_sealed BYTEA NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, message_id, author_kind, author_id)
);
CREATE INDEX reactions_contact ON reactions (workspace_id, contact_id);

CREATE TABLE consents (
    workspace_id TEXT NOT NULL,
    id TEXT NOT NULL,
    contact_id TEXT NOT NULL,
    purpose TEXT NOT NULL,
    channel TEXT NOT NULL,
    ground TEXT NOT NULL,
    text_version TEXT NOT NULL,
    collected_by TEXT NOT NULL,
    evidence_sealed BYTEA,
    given_at BIGINT NOT NULL,
    withdrawn_at BIGINT,
    PRIMARY KEY (workspace_id, id)
);
CREATE INDEX consents_contact ON consents (workspace_id, contact_id);

-- Opt-outs and erased identities: keyed hashes and times, surviving erasure.
CREATE TABLE suppressions (
    workspace_id TEXT NOT NULL,
    value_hash BYTEA NOT NULL,
    purpose TEXT NOT NULL,
    reason TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, value_hash, purpose)
);

CREATE TABLE erasures (
    workspace_id TEXT NOT NULL,
    id TEXT NOT NULL,
    contact_id TEXT NOT NULL,
    state TEXT NOT NULL,
    counts TEXT NOT NULL,
    remote TEXT NOT NULL,
    traces_sealed BYTEA,
    requested_at BIGINT NOT NULL,
    completed_at BIGINT,
    PRIMARY KEY (workspace_id, id)
);

CREATE TABLE facts (
    workspace_id TEXT NOT NULL,
    seq BIGINT NOT NULL,
    kind TEXT NOT NULL,
    conversation_id TEXT,
    message_id TEXT,
    contact_id TEXT,
    member_id TEXT,
    at BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, seq)
);

CREATE TABLE audit (
    workspace_id TEXT NOT NULL,
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id TEXT NOT NULL,
    purpose TEXT NOT NULL,
    act TEXT NOT NULL,
    subject TEXT NOT NULL,
    salt BYTEA,
    leaf BYTEA NOT NULL,
    PRIMARY KEY (workspace_id, seq)
);

CREATE TABLE index_pending (
    workspace_id TEXT NOT NULL,
    message_id TEXT NOT NULL,
    contact_id TEXT NOT NULL,
    act TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, message_id)
);

-- Answers to repeated POSTs hold ids and are rendered when read; a day long.
CREATE TABLE idempotency (
    workspace_id TEXT NOT NULL,
    key_hash BYTEA NOT NULL,
    request_hash BYTEA NOT NULL,
    status BIGINT NOT NULL,
    subject TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, key_hash)
);
