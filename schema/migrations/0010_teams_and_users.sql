-- Who works with the installation.

SET LOCAL ROLE tributary_owner;

CREATE TABLE config.teams (
  id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  name        text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  lead_id     uuid,
  state       text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'paused', 'deleted')),
  time_zone   config.time_zone NOT NULL DEFAULT 'UTC',
  currency    config.currency NOT NULL DEFAULT 'USD',
  trafficback config.target_url,
  version     bigint NOT NULL DEFAULT 1,
  created_at  timestamptz NOT NULL DEFAULT now(),
  updated_at  timestamptz NOT NULL DEFAULT now()
);

CREATE UNIQUE INDEX teams_name ON config.teams (lower(name)) WHERE state <> 'deleted';

COMMENT ON TABLE config.teams IS 'everything that is configured belongs to one team, which sees nothing of the others';
COMMENT ON COLUMN config.teams.lead_id IS 'user who leads the team';
COMMENT ON COLUMN config.teams.time_zone IS 'in which its days begin; decides the width of its rollup buckets';
COMMENT ON COLUMN config.teams.currency IS 'in which its reports are shown';
COMMENT ON COLUMN config.teams.trafficback IS 'where visitors go for whom nothing fits and whose campaign names no target';

CREATE TABLE config.users (
  id               uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  team_id          uuid REFERENCES config.teams,
  email            text NOT NULL CHECK (email ~ '^[^@[:space:]]+@[^@[:space:]]+$' AND length(email) <= 320),
  password_hash    text CHECK (password_hash ~ '^\$argon2id\$'),
  full_name        text NOT NULL DEFAULT '',
  role             text NOT NULL DEFAULT 'buyer' CHECK (role IN ('admin', 'buyer', 'advertiser', 'partner')),
  state            text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'approved', 'blocked', 'deleted')),
  approved_by      uuid REFERENCES config.users,
  approved_at      timestamptz,
  advertiser_id    integer,
  partner_id       integer,
  fb_ad_account_id text,
  telegram_chat_id text,
  time_zone        config.time_zone,
  language         text,
  last_login_at    timestamptz,
  failed_logins    integer NOT NULL DEFAULT 0,
  locked_until     timestamptz,
  version          bigint NOT NULL DEFAULT 1,
  created_at       timestamptz NOT NULL DEFAULT now(),
  updated_at       timestamptz NOT NULL DEFAULT now(),
  CHECK (role = 'admin' OR team_id IS NOT NULL OR state = 'pending'),
  CHECK (role <> 'advertiser' OR advertiser_id IS NOT NULL OR state = 'pending'),
  CHECK (role <> 'partner' OR partner_id IS NOT NULL OR state = 'pending')
);

CREATE UNIQUE INDEX users_email ON config.users (lower(email)) WHERE state <> 'deleted';
CREATE INDEX users_team ON config.users (team_id);

ALTER TABLE config.teams
  ADD FOREIGN KEY (lead_id) REFERENCES config.users ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED;

COMMENT ON TABLE config.users IS 'people who log in; a registered user can work only once approved';
COMMENT ON COLUMN config.users.team_id IS 'null for administrators of the installation and for users not approved yet';
COMMENT ON COLUMN config.users.role IS 'admin: everything; buyer (targetologist in spec D): own team; advertiser and partner: own figures only';
COMMENT ON COLUMN config.users.password_hash IS 'argon2id; null: cannot log in by password';
COMMENT ON COLUMN config.users.advertiser_id IS 'whose figures a user of role advertiser sees';
COMMENT ON COLUMN config.users.partner_id IS 'whose figures a user of role partner sees';

CREATE TABLE config.refresh_tokens (
  id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id      uuid NOT NULL REFERENCES config.users ON DELETE CASCADE,
  family       uuid NOT NULL,
  token_sha256 bytea NOT NULL UNIQUE CHECK (octet_length(token_sha256) = 32),
  created_at   timestamptz NOT NULL DEFAULT now(),
  expires_at   timestamptz NOT NULL,
  used_at      timestamptz,
  revoked_at   timestamptz,
  address      inet,
  user_agent   text
);

CREATE INDEX refresh_tokens_user ON config.refresh_tokens (user_id);
CREATE INDEX refresh_tokens_family ON config.refresh_tokens (family);

COMMENT ON TABLE config.refresh_tokens IS 'sessions: opaque refresh tokens that rotate; only their hash is kept';
COMMENT ON COLUMN config.refresh_tokens.family IS 'one login: a token used twice revokes its whole family';
COMMENT ON COLUMN config.refresh_tokens.used_at IS 'when it was exchanged for the next of its family';
