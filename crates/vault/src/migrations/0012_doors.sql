-- What leaves by other doors than channels.

-- Where a member's browsers are told by web push that there is something to look at. endpoint_hash: keyed.
-- wanted_at: since when it is to be told; pushed_at: when that was last tried.
CREATE TABLE push_subscriptions (
    workspace_id TEXT NOT NULL,
    id TEXT NOT NULL,
    member_id TEXT NOT NULL,
    endpoint_hash BYTEA NOT NULL,
    endpoint_sealed BYTEA NOT NULL,
    unassigned BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    wanted_at BIGINT,
    pushed_at BIGINT,
    PRIMARY KEY (workspace_id, id),
    UNIQUE (workspace_id, endpoint_hash)
);
CREATE INDEX push_subscriptions_of_member ON push_subscriptions (workspace_id, member_id);

-- types: the types of event it is told of, between commas; empty: all. since_seq: the newest fact that is not for it.
CREATE TABLE webhooks (
    workspace_id TEXT NOT NULL,
    id TEXT NOT NULL,
    url_sealed BYTEA NOT NULL,
    secret_sealed BYTEA NOT NULL,
    types TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    since_seq BIGINT NOT NULL,
    failing_since BIGINT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, id)
);

-- One fact for one webhook. What it says is made of the fact when it is sent, and not kept.
CREATE TABLE deliveries (
    workspace_id TEXT NOT NULL,
    id TEXT NOT NULL,
    webhook_id TEXT NOT NULL,
    seq BIGINT NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    status BIGINT,
    failure TEXT,
    created_at BIGINT NOT NULL,
    began_at BIGINT NOT NULL,
    attempted_at BIGINT,
    PRIMARY KEY (workspace_id, id)
);
CREATE INDEX deliveries_of_webhook ON deliveries (workspace_id, webhook_id, id);
CREATE INDEX deliveries_created ON deliveries (workspace_id, created_at);

-- id: the member's. last_step: the newest step of thirty seconds of which a code was taken.
CREATE TABLE second_factors (
    workspace_id TEXT NOT NULL,
    id TEXT NOT NULL,
    secret_sealed BYTEA NOT NULL,
    confirmed_at BIGINT,
    last_step BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, id)
);

-- What a member signs in with once who has lost the other; keyed hashes.
CREATE TABLE recovery_codes (
    workspace_id TEXT NOT NULL,
    member_id TEXT NOT NULL,
    code_hash BYTEA NOT NULL,
    PRIMARY KEY (workspace_id, member_id, code_hash)
);
