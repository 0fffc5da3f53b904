-- Edges and their keys; what the API itself has to remember.

SET LOCAL ROLE tributary_owner;

CREATE TABLE config.edges (
  number     smallint PRIMARY KEY CHECK (number BETWEEN 0 AND 1023),
  name       text NOT NULL UNIQUE CHECK (name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
  push_url   text NOT NULL CHECK (push_url ~ '^(https?://|unix:/)' AND push_url !~ '[[:cntrl:][:space:]]'),
  state      text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'paused', 'deleted')),
  note       text NOT NULL DEFAULT '',
  version    bigint NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE config.edges IS 'nginx instances that take our configuration';
COMMENT ON COLUMN config.edges.number IS 'part of every click id: never given to another machine while ids of the old one are valid';
COMMENT ON COLUMN config.edges.push_url IS 'location with tributary_config: http(s)://host:port/path or unix:/socket:/path';

CREATE TABLE config.edge_state (
  number              smallint PRIMARY KEY REFERENCES config.edges ON DELETE CASCADE,
  pushed_epoch        integer,
  pushed_counter      bigint,
  pushed_at           timestamptz,
  acknowledged_epoch  integer,
  acknowledged_counter bigint,
  acknowledged_at     timestamptz,
  format_min          integer,
  format_max          integer,
  instance            text,
  workers             jsonb,
  last_seen_at        timestamptz,
  failures            integer NOT NULL DEFAULT 0,
  last_error          text,
  last_error_at       timestamptz
) WITH (fillfactor = 70);

COMMENT ON TABLE config.edge_state IS 'what admin-api last heard of each edge; no part of a generation';
COMMENT ON COLUMN config.edge_state.pushed_counter IS 'generation that the edge has published';
COMMENT ON COLUMN config.edge_state.acknowledged_counter IS 'generation that all its live worker slots have';
COMMENT ON COLUMN config.edge_state.instance IS 'tells a clone that answers under the same number';

CREATE TABLE config.click_keys (
  id          smallint PRIMARY KEY CHECK (id BETWEEN 0 AND 15),
  secret      bytea NOT NULL CHECK (octet_length(secret) = 16),
  mint_from   timestamptz NOT NULL DEFAULT now(),
  valid_until timestamptz,
  version     bigint NOT NULL DEFAULT 1,
  created_at  timestamptz NOT NULL DEFAULT now(),
  updated_at  timestamptz NOT NULL DEFAULT now(),
  CHECK (valid_until > mint_from)
);

COMMENT ON TABLE config.click_keys IS 'keys of the MAC in click ids. The id is part of every click id; it may be used again once its ids have expired';
COMMENT ON COLUMN config.click_keys.mint_from IS 'the key with the latest mint_from that is not in the future mints';
COMMENT ON COLUMN config.click_keys.valid_until IS 'ids minted under it are refused afterwards; null: no end';

CREATE TABLE config.settings (
  key        text PRIMARY KEY CHECK (key ~ '^[a-z][a-z0-9_.]*$'),
  content    jsonb NOT NULL,
  version    bigint NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE config.settings IS 'settings of the whole installation, for example trafficback';

CREATE TABLE config.exchange_rates (
  day   date NOT NULL,
  base  config.currency NOT NULL,
  quote config.currency NOT NULL,
  rate  numeric(24, 12) NOT NULL CHECK (rate > 0),
  PRIMARY KEY (base, quote, day)
);

COMMENT ON TABLE config.exchange_rates IS 'one unit of base in quote; amounts are converted when read, at the rate of their day';

CREATE TABLE config.audit_log (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  happened_at timestamptz NOT NULL DEFAULT now(),
  team_id     uuid,
  user_id     uuid,
  api_key_id  integer,
  action      text NOT NULL,
  entity      text NOT NULL,
  entity_key  text NOT NULL DEFAULT '',
  old_content jsonb,
  new_content jsonb,
  address     inet,
  request_id  text
);

CREATE INDEX audit_log_happened_at ON config.audit_log (happened_at);
CREATE INDEX audit_log_entity ON config.audit_log (entity, entity_key);

COMMENT ON TABLE config.audit_log IS 'who changed what; append only. Secrets are left out of the contents';

CREATE TABLE config.idempotency_keys (
  principal   text NOT NULL,
  key         text NOT NULL CHECK (octet_length(key) BETWEEN 1 AND 255),
  team_id     uuid,
  method      text NOT NULL,
  path        text NOT NULL,
  body_sha256 bytea NOT NULL CHECK (octet_length(body_sha256) = 32),
  status      smallint,
  headers     jsonb,
  body        text,
  created_at  timestamptz NOT NULL DEFAULT now(),
  expires_at  timestamptz NOT NULL DEFAULT now() + interval '24 hours',
  PRIMARY KEY (principal, key)
);

CREATE INDEX idempotency_keys_expires_at ON config.idempotency_keys (expires_at);

COMMENT ON TABLE config.idempotency_keys IS 'answers to POST requests that may be repeated';
COMMENT ON COLUMN config.idempotency_keys.principal IS 'user:<uuid> or key:<id>';
COMMENT ON COLUMN config.idempotency_keys.status IS 'null while the first request is still at work';

CREATE TABLE config.saved_views (
  id         integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
  team_id    uuid NOT NULL REFERENCES config.teams,
  user_id    uuid NOT NULL REFERENCES config.users ON DELETE CASCADE,
  name       text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  report     text NOT NULL,
  content    jsonb NOT NULL,
  shared     boolean NOT NULL DEFAULT false,
  version    bigint NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (user_id, report, name)
);

COMMENT ON TABLE config.saved_views IS 'report settings that a user keeps';

CREATE TABLE config.scheduled_reports (
  id           integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
  team_id      uuid NOT NULL REFERENCES config.teams,
  name         text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  report       text NOT NULL,
  content      jsonb NOT NULL DEFAULT '{}',
  channel      text NOT NULL CHECK (channel IN ('telegram', 'email', 'webhook')),
  target       text NOT NULL,
  weekdays     smallint[] NOT NULL DEFAULT '{1}' CHECK (1 <= ALL (weekdays) AND 7 >= ALL (weekdays)),
  at_time      time NOT NULL DEFAULT '08:10',
  time_zone    config.time_zone NOT NULL DEFAULT 'Asia/Almaty',
  state        text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'paused', 'deleted')),
  last_run_at  timestamptz,
  last_error   text,
  version      bigint NOT NULL DEFAULT 1,
  created_at   timestamptz NOT NULL DEFAULT now(),
  updated_at   timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE config.scheduled_reports IS 'reports sent by themselves, for example every Monday at 08:10 Almaty time';

CREATE TABLE config.ad_accounts (
  id          integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
  team_id     uuid NOT NULL REFERENCES config.teams,
  user_id     uuid REFERENCES config.users,
  platform    text NOT NULL DEFAULT 'facebook' CHECK (platform IN ('facebook')),
  account     text NOT NULL,
  name        text NOT NULL DEFAULT '',
  token_file  text,
  time_zone   config.time_zone NOT NULL DEFAULT 'UTC',
  currency    config.currency NOT NULL DEFAULT 'USD',
  state       text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'paused', 'deleted')),
  loaded_at   timestamptz,
  last_error  text,
  version     bigint NOT NULL DEFAULT 1,
  created_at  timestamptz NOT NULL DEFAULT now(),
  updated_at  timestamptz NOT NULL DEFAULT now(),
  UNIQUE (platform, account)
);

COMMENT ON TABLE config.ad_accounts IS 'accounts of ad platforms whose spend is imported';
COMMENT ON COLUMN config.ad_accounts.token_file IS 'file that holds the access token: secrets stay out of the database';
