-- The three roles of Tributary. Run once per server, by a role that may create roles:
--
--   psql -f schema/roles.sql postgres
--
-- Running it again changes nothing. No passwords are set here: use \password, peer or certificate authentication.
--
-- tributary_ingestor must have BYPASSRLS, because COPY is refused on tables with row security. Only a superuser can
-- give it. Where a managed server has no such role, see "Managed servers" in docs/install.md.

\set ON_ERROR_STOP on

SELECT format('CREATE ROLE %I LOGIN', name)
FROM unnest(ARRAY['tributary_owner', 'tributary_admin', 'tributary_ingestor']) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)
\gexec

ALTER ROLE tributary_ingestor BYPASSRLS;

-- A client that was stopped inside a transaction must not hold its locks for ever.
ALTER ROLE tributary_admin SET idle_in_transaction_session_timeout = '60s';
ALTER ROLE tributary_admin SET lock_timeout = '15s';

COMMENT ON ROLE tributary_owner IS 'owns every object of Tributary; only migrations connect as it';
COMMENT ON ROLE tributary_admin IS 'admin-api: reads and writes configuration, reads events, subject to row security';
COMMENT ON ROLE tributary_ingestor IS 'ingestor: writes events, reads nothing of the configuration';
