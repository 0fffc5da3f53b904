-- Triggers and row security of `config`, and its copies in `events`.

SET LOCAL ROLE tributary_owner;

GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA config TO tributary_admin;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA config TO tributary_admin;
REVOKE INSERT, UPDATE, DELETE ON config.generation, config.history FROM tributary_admin;
REVOKE UPDATE, DELETE ON config.audit_log FROM tributary_admin;

DO $$
BEGIN
  IF to_regclass('config.schema_migrations') IS NOT NULL THEN
    REVOKE INSERT, UPDATE, DELETE ON config.schema_migrations FROM tributary_admin;
  END IF;
END
$$;

-- Every table with a version keeps it.
DO $$
DECLARE
  name text;
BEGIN
  FOR name IN
    SELECT table_name FROM information_schema.columns
    WHERE table_schema = 'config' AND column_name = 'version' ORDER BY table_name
  LOOP
    EXECUTE format(
      'CREATE TRIGGER touch BEFORE UPDATE ON config.%I FOR EACH ROW EXECUTE FUNCTION config.touch()', name);
  END LOOP;
END
$$;

-- The tables that are compiled into snapshots: a change makes a generation and leaves its trace in history. Trigger names
-- are chosen so that the statement trigger, which locks the generation, comes first.
DO $$
DECLARE
  compiled CONSTANT text[] := ARRAY[
    'teams', 'sources', 'postback_templates', 'networks', 'network_secrets', 'destinations', 'destination_schedules',
    'destination_caps', 'landers', 'advertisers', 'campaigns', 'streams', 'stream_conditions', 'stream_destinations',
    'stream_landers', 'domains', 'partners', 'partner_secrets', 'campaign_partners', 'links', 'api_keys',
    'advertiser_hmac_secrets', 'click_keys', 'settings'
  ];
  name text;
  key  text;
BEGIN
  FOREACH name IN ARRAY compiled LOOP
    SELECT string_agg(quote_literal(a.attname), ', ' ORDER BY place)
    INTO key
    FROM pg_index i
    CROSS JOIN unnest(i.indkey) WITH ORDINALITY AS keys (attnum, place)
    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = keys.attnum
    WHERE i.indrelid = format('config.%I', name)::regclass AND i.indisprimary;

    EXECUTE format(
      'CREATE TRIGGER generation BEFORE INSERT OR UPDATE OR DELETE ON config.%I'
      ' FOR EACH STATEMENT EXECUTE FUNCTION config.advance_generation_trigger()', name);
    EXECUTE format(
      'CREATE TRIGGER history AFTER INSERT OR UPDATE OR DELETE ON config.%I'
      ' FOR EACH ROW EXECUTE FUNCTION config.record_history(%s)', name, key);
  END LOOP;
END
$$;

-- Copies for ingestion. On separate servers, disable these triggers and replicate the three tables.
CREATE FUNCTION config.copy_campaign() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
BEGIN
  INSERT INTO events.known_campaigns AS known (campaign, team, advertiser, currency, bucket_minutes)
  SELECT NEW.id, NEW.team_id, coalesce(NEW.advertiser_id, 0), NEW.currency, config.bucket_minutes(t.time_zone)
  FROM config.teams t
  WHERE t.id = NEW.team_id
  ON CONFLICT (campaign) DO UPDATE SET
    team = excluded.team,
    advertiser = excluded.advertiser,
    currency = excluded.currency,
    bucket_minutes = excluded.bucket_minutes;
  RETURN NULL;
END
$$;

CREATE FUNCTION config.copy_team_zone() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
BEGIN
  UPDATE events.known_campaigns
  SET bucket_minutes = config.bucket_minutes(NEW.time_zone)
  WHERE team = NEW.id;
  RETURN NULL;
END
$$;

CREATE FUNCTION config.copy_network() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
BEGIN
  INSERT INTO events.known_networks AS known (network, team, currency, click_window_s, back_to_sale)
  VALUES (NEW.id, NEW.team_id, NEW.currency, NEW.click_window_s, NEW.back_to_sale)
  ON CONFLICT (network) DO UPDATE SET
    team = excluded.team,
    currency = excluded.currency,
    click_window_s = excluded.click_window_s,
    back_to_sale = excluded.back_to_sale;
  RETURN NULL;
END
$$;

CREATE FUNCTION config.copy_partner() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
BEGIN
  INSERT INTO events.known_affiliates (affiliate, team)
  VALUES (NEW.id, NEW.team_id)
  ON CONFLICT (affiliate) DO UPDATE SET team = excluded.team;
  RETURN NULL;
END
$$;

CREATE TRIGGER known_campaigns AFTER INSERT OR UPDATE ON config.campaigns
  FOR EACH ROW EXECUTE FUNCTION config.copy_campaign();
CREATE TRIGGER known_campaigns AFTER UPDATE OF time_zone ON config.teams
  FOR EACH ROW EXECUTE FUNCTION config.copy_team_zone();
CREATE TRIGGER known_networks AFTER INSERT OR UPDATE ON config.networks
  FOR EACH ROW EXECUTE FUNCTION config.copy_network();
CREATE TRIGGER known_affiliates AFTER INSERT OR UPDATE ON config.partners
  FOR EACH ROW EXECUTE FUNCTION config.copy_partner();

-- Row security. Tables with a team compare it; parts of something are visible where that something is.
DO $$
DECLARE
  own_team CONSTANT text[] := ARRAY[
    'sources', 'networks', 'destinations', 'landers', 'advertisers', 'campaigns', 'domains', 'partners', 'links',
    'coupons', 'commissions', 'api_keys', 'outbound_templates', 'saved_views', 'scheduled_reports', 'ad_accounts'
  ];
  -- table, column, what it is part of
  parts CONSTANT text[][] := ARRAY[
    ['network_secrets', 'network_id', 'networks'],
    ['destination_schedules', 'destination_id', 'destinations'],
    ['destination_caps', 'destination_id', 'destinations'],
    ['destination_health', 'destination_id', 'destinations'],
    ['streams', 'campaign_id', 'campaigns'],
    ['stream_conditions', 'stream_id', 'streams'],
    ['stream_destinations', 'stream_id', 'streams'],
    ['stream_landers', 'stream_id', 'streams'],
    ['partner_secrets', 'partner_id', 'partners'],
    ['campaign_partners', 'campaign_id', 'campaigns'],
    ['advertiser_hmac_secrets', 'advertiser_id', 'advertisers']
  ];
  others CONSTANT text[] := ARRAY['teams', 'users', 'refresh_tokens', 'postback_templates', 'audit_log'];
  name text;
  part text[];
BEGIN
  FOREACH name IN ARRAY own_team LOOP
    EXECUTE format(
      'CREATE POLICY team ON config.%I'
      ' USING ((SELECT config.sees_every_team()) OR team_id = (SELECT config.current_team()))', name);
  END LOOP;

  FOREACH part SLICE 1 IN ARRAY parts LOOP
    EXECUTE format(
      'CREATE POLICY team ON config.%1$I USING ((SELECT config.sees_every_team())'
      ' OR EXISTS (SELECT FROM config.%3$I whole WHERE whole.id = %1$I.%2$I))', part[1], part[2], part[3]);
  END LOOP;

  FOREACH name IN ARRAY own_team || others || ARRAY(SELECT parts[i][1] FROM generate_subscripts(parts, 1) AS i) LOOP
    EXECUTE format('ALTER TABLE config.%I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE config.%I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY maintenance ON config.%I TO tributary_owner USING (true)', name);
  END LOOP;
END
$$;

CREATE POLICY team ON config.teams
  USING ((SELECT config.sees_every_team()) OR id = (SELECT config.current_team()));

CREATE POLICY team ON config.users
  USING (
    (SELECT config.sees_every_team())
    OR team_id = (SELECT config.current_team())
    OR id = (SELECT config.current_user_id()));

CREATE POLICY team ON config.refresh_tokens
  USING ((SELECT config.sees_every_team()) OR user_id = (SELECT config.current_user_id()));

CREATE POLICY team ON config.postback_templates
  USING (
    (SELECT config.sees_every_team())
    OR team_id IS NULL
    OR team_id = (SELECT config.current_team()))
  WITH CHECK ((SELECT config.sees_every_team()) OR team_id = (SELECT config.current_team()));

CREATE POLICY team ON config.audit_log
  USING ((SELECT config.sees_every_team()) OR team_id = (SELECT config.current_team()))
  WITH CHECK (true);
