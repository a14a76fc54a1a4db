-- Working on conversations: snoozed, waiting, drafted, sent later, mentioned, changed many at once.

-- When a snoozed conversation wakes; none: when the contact writes.
ALTER TABLE conversations ADD COLUMN snoozed_until BIGINT;
-- Since when the contact waits for an answer.
ALTER TABLE conversations ADD COLUMN waiting_since BIGINT;
-- The workspace's own fields of the conversation, as JSON.
ALTER TABLE conversations ADD COLUMN attributes_sealed BYTEA;

-- Each list is read along one of these, status by status, and each count is of one.
DROP INDEX conversations_active;
CREATE INDEX conversations_status ON conversations (workspace_id, status, active_at, id);
CREATE INDEX conversations_assignee ON conversations (workspace_id, assignee_id, status, active_at, id);
CREATE INDEX conversations_team ON conversations (workspace_id, team_id, status, active_at, id) WHERE team_id IS NOT NULL;
CREATE INDEX conversations_channel ON conversations (workspace_id, channel_id, status, active_at, id);
CREATE INDEX conversations_priority ON conversations (workspace_id, priority, status, active_at, id) WHERE priority <> 'normal';
CREATE INDEX conversations_waiting ON conversations (workspace_id, status, waiting_since, id) WHERE waiting_since IS NOT NULL;
-- The columns after id are for counting without looking at rows.
CREATE INDEX conversations_unread ON conversations (workspace_id, active_at, id, status, assignee_id, channel_id, team_id, unread_count)
    WHERE unread_count > 0;
CREATE INDEX conversation_labels_label ON conversation_labels (workspace_id, label_id, conversation_id);

-- What a member has begun to write in a conversation, for all of their devices.
CREATE TABLE drafts (
    workspace_id TEXT NOT NULL,
    id TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    contact_id TEXT NOT NULL,
    channel_id TEXT NOT NULL,
    member_id TEXT NOT NULL,
    -- Text, files and what it answers, as JSON.
    body_sealed BYTEA NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, id),
    UNIQUE (workspace_id, conversation_id, member_id)
);
CREATE INDEX drafts_member ON drafts (workspace_id, member_id, updated_at, id);
CREATE INDEX drafts_contact ON drafts (workspace_id, contact_id);

-- What is to be sent at its time. A message comes of it only then.
CREATE TABLE scheduled (
    workspace_id TEXT NOT NULL,
    id TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    contact_id TEXT NOT NULL,
    channel_id TEXT NOT NULL,
    member_id TEXT NOT NULL,
    -- waiting, failed, or sent: a sent one stays for a day, so that a repeated order finds it.
    state TEXT NOT NULL,
    -- Held back for seconds, so that it can be taken back; not for a moment of the member's choice.
    held BOOLEAN NOT NULL,
    send_at BIGINT NOT NULL,
    content_sealed BYTEA,
    -- What becomes of the conversation once it is sent.
    then_status TEXT,
    then_until BIGINT,
    failure_code TEXT,
    failure_sealed BYTEA,
    message_id TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, id)
);
CREATE INDEX scheduled_conversation ON scheduled (workspace_id, conversation_id, send_at, id);
CREATE INDEX scheduled_member ON scheduled (workspace_id, member_id, send_at, id);
CREATE INDEX scheduled_contact ON scheduled (workspace_id, contact_id);
CREATE INDEX scheduled_sent ON scheduled (workspace_id, updated_at) WHERE state = 'sent';

-- Files of drafts and of what is sent later wait for their message longer than other uploads.
ALTER TABLE attachments ADD COLUMN holder_id TEXT;
CREATE INDEX attachments_holder ON attachments (workspace_id, holder_id) WHERE holder_id IS NOT NULL;

-- Whom a note names.
CREATE TABLE mentions (
    workspace_id TEXT NOT NULL,
    message_id TEXT NOT NULL,
    member_id TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    contact_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at BIGINT,
    PRIMARY KEY (workspace_id, message_id, member_id)
);
CREATE INDEX mentions_member ON mentions (workspace_id, member_id, conversation_id);
CREATE INDEX mentions_unseen ON mentions (workspace_id, member_id, conversation_id) WHERE seen_at IS NULL;
CREATE INDEX mentions_contact ON mentions (workspace_id, contact_id);

-- What became of each conversation of a change of many, and how it was before: a day long, for a repeated order.
CREATE TABLE changes (
    workspace_id TEXT NOT NULL,
    id TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    contact_id TEXT,
    channel_id TEXT,
    position BIGINT NOT NULL,
    changed BOOLEAN NOT NULL,
    problem TEXT,
    before_sealed BYTEA,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, id, conversation_id)
);
CREATE INDEX changes_contact ON changes (workspace_id, contact_id);
CREATE INDEX changes_created ON changes (workspace_id, created_at);
