-- Roles and the two halves of the database.
--
-- `config` is the source of truth for configuration, `events` for analytics. Nothing in `events` refers to `config` by a
-- foreign key, and each program has its own role, so that either half can move to a server of its own.
--
-- Migrations may be run by tributary_owner (then schema/roles.sql comes first) or by a superuser, who creates what is
-- missing here. Every migration works as tributary_owner, whoever runs it.

DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'tributary_owner') THEN
    CREATE ROLE tributary_owner LOGIN;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'tributary_admin') THEN
    CREATE ROLE tributary_admin LOGIN;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'tributary_ingestor') THEN
    CREATE ROLE tributary_ingestor LOGIN BYPASSRLS;
  END IF;
EXCEPTION
  WHEN insufficient_privilege THEN
    RAISE EXCEPTION 'role "%" may not create the roles of Tributary', current_user
      USING HINT = 'Run schema/roles.sql once as a superuser, then migrate again.';
END
$$;

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = current_user AND rolsuper) THEN
    CREATE SCHEMA IF NOT EXISTS config AUTHORIZATION tributary_owner;
    CREATE SCHEMA IF NOT EXISTS events AUTHORIZATION tributary_owner;
    ALTER SCHEMA config OWNER TO tributary_owner;
    ALTER TABLE IF EXISTS config.schema_migrations OWNER TO tributary_owner;
    EXECUTE format('GRANT CREATE ON DATABASE %I TO tributary_owner', current_database());
  END IF;
END
$$;

SET LOCAL ROLE tributary_owner;

CREATE SCHEMA IF NOT EXISTS config;
CREATE SCHEMA IF NOT EXISTS events;

COMMENT ON SCHEMA config IS 'configuration and operational state: the source of truth of admin-api';
COMMENT ON SCHEMA events IS 'analytics: raw facts, conversions, rollups and what ingestion needs';

GRANT USAGE ON SCHEMA config TO tributary_admin;
GRANT USAGE ON SCHEMA events TO tributary_admin, tributary_ingestor;

-- What a session says about itself, per transaction:
--   set_config('tributary.team', '<uuid>', true)    rows of this team are visible
--   set_config('tributary.user', '<uuid>', true)    who changes something; stands in history
--   set_config('tributary.role', 'admin', true)     rows of every team are visible: the compiler, login, administrators
-- A session that says nothing sees no row of any team. Row security catches a forgotten condition in our own queries; it is
-- no wall against somebody who can run SQL of his own as tributary_admin.
CREATE FUNCTION config.current_team() RETURNS uuid
  LANGUAGE sql STABLE PARALLEL SAFE
  RETURN nullif(current_setting('tributary.team', true), '')::uuid;

CREATE FUNCTION config.current_user_id() RETURNS uuid
  LANGUAGE sql STABLE PARALLEL SAFE
  RETURN nullif(current_setting('tributary.user', true), '')::uuid;

CREATE FUNCTION config.sees_every_team() RETURNS boolean
  LANGUAGE sql STABLE PARALLEL SAFE
  RETURN coalesce(current_setting('tributary.role', true), '') = 'admin';

COMMENT ON FUNCTION config.current_team() IS 'the team this transaction works for (setting tributary.team), or null';
COMMENT ON FUNCTION config.current_user_id() IS 'the user this transaction works for (setting tributary.user), or null';
COMMENT ON FUNCTION config.sees_every_team() IS 'whether row security is open to every team (setting tributary.role = admin)';

-- The same for events, which may live on another server.
CREATE FUNCTION events.current_team() RETURNS uuid
  LANGUAGE sql STABLE PARALLEL SAFE
  RETURN nullif(current_setting('tributary.team', true), '')::uuid;

CREATE FUNCTION events.sees_every_team() RETURNS boolean
  LANGUAGE sql STABLE PARALLEL SAFE
  RETURN coalesce(current_setting('tributary.role', true), '') = 'admin';

COMMENT ON FUNCTION events.current_team() IS 'the team this transaction works for (setting tributary.team), or null';
COMMENT ON FUNCTION events.sees_every_team() IS 'whether row security is open to every team (setting tributary.role = admin)';
