-- What the ingestor has to know of the configuration, and who may see which fact.
--
-- The copies keep `events` free of look-ups into `config`. On one server, triggers of `config` write them (see
-- 0014); on two, logical replication or a job does.

SET LOCAL ROLE tributary_owner;

CREATE TABLE events.known_campaigns (
  campaign       integer PRIMARY KEY,
  team           uuid NOT NULL,
  advertiser     integer NOT NULL DEFAULT 0,
  currency       text NOT NULL DEFAULT '',
  bucket_minutes smallint NOT NULL DEFAULT 60 CHECK (bucket_minutes IN (15, 30, 60))
);

COMMENT ON TABLE events.known_campaigns IS 'copy of what ingestion needs of config.campaigns and their teams; rows stay when a campaign is deleted';
COMMENT ON COLUMN events.known_campaigns.bucket_minutes IS 'width of rollup buckets, from the zone of the team';

CREATE TABLE events.known_networks (
  network         integer PRIMARY KEY,
  team            uuid NOT NULL,
  currency        text NOT NULL DEFAULT '',
  click_window_s  integer NOT NULL DEFAULT 0,
  back_to_sale    boolean NOT NULL DEFAULT false
);

COMMENT ON TABLE events.known_networks IS 'copy of what ingestion needs of config.networks';
COMMENT ON COLUMN events.known_networks.back_to_sale IS 'whether a sale after rejected or trash counts again';

CREATE TABLE events.known_affiliates (
  affiliate integer PRIMARY KEY,
  team      uuid NOT NULL
);

COMMENT ON TABLE events.known_affiliates IS 'copy of what ingestion needs of config.partners';

GRANT SELECT ON ALL TABLES IN SCHEMA events TO tributary_admin, tributary_ingestor;
GRANT INSERT
  ON events.clicks, events.trafficbacks, events.external_clicks, events.lander_views, events.lander_clicks,
     events.postbacks, events.customer_events, events.customer_event_keys, events.conversion_history,
     events.rollup_delta
  TO tributary_ingestor;
GRANT INSERT, UPDATE ON events.conversions TO tributary_ingestor;
GRANT UPDATE ON events.postback_redrives TO tributary_ingestor;
GRANT INSERT ON events.postback_redrives TO tributary_admin;

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY[
    'clicks', 'trafficbacks', 'external_clicks', 'lander_views', 'lander_clicks', 'postbacks', 'postback_redrives',
    'customer_events', 'conversions', 'conversion_history', 'rollup_delta', 'rollup_campaign', 'ingestion_errors',
    'known_campaigns', 'known_networks', 'known_affiliates'
  ] LOOP
    EXECUTE format('ALTER TABLE events.%I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE events.%I FORCE ROW LEVEL SECURITY', name);
    -- The sub-selects are evaluated once per query, not once per row.
    EXECUTE format(
      'CREATE POLICY team ON events.%I'
      ' USING ((SELECT events.sees_every_team()) OR team = (SELECT events.current_team()))', name);
    -- The owner's functions (folder, copies) work for all teams; nobody else is tributary_owner.
    EXECUTE format('CREATE POLICY maintenance ON events.%I TO tributary_owner USING (true)', name);
  END LOOP;
END
$$;
