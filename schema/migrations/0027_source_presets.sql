-- Sources made from presets, with a currency and cost model that hold where their campaigns have none.

SET LOCAL ROLE tributary_owner;

-- Both had no effect until now, so a default that nobody chose does not become one.
ALTER TABLE config.sources
  ALTER COLUMN cost_model DROP NOT NULL,
  ALTER COLUMN cost_model DROP DEFAULT,
  ALTER COLUMN currency DROP NOT NULL,
  ALTER COLUMN currency DROP DEFAULT,
  ADD COLUMN preset text CHECK (preset ~ '^[a-z0-9_]{1,64}$'),
  ADD COLUMN tracking_suffix text NOT NULL DEFAULT '' CHECK (length(tracking_suffix) <= 4096);

UPDATE config.sources SET cost_model = NULL WHERE cost_model = 'cpc';
UPDATE config.sources SET currency = NULL WHERE currency = 'USD';

COMMENT ON COLUMN config.sources.cost_model IS 'of campaigns that have none; null: cpc';
COMMENT ON COLUMN config.sources.currency IS 'of costs in the query that name none, and of campaigns that have none; null: none';
COMMENT ON COLUMN config.sources.preset IS 'name of the preset that it was made from';
COMMENT ON COLUMN config.sources.tracking_suffix IS 'parameters with the macros of the ad platform, to be put behind a campaign URL';

ALTER TABLE config.campaigns
  ALTER COLUMN cost_model DROP NOT NULL,
  ALTER COLUMN cost_model DROP DEFAULT,
  ALTER COLUMN currency DROP NOT NULL,
  ALTER COLUMN currency DROP DEFAULT;

COMMENT ON COLUMN config.campaigns.cost_model IS 'null: that of the source, else cpc';
COMMENT ON COLUMN config.campaigns.currency IS 'null: that of the source, else USD';

CREATE OR REPLACE FUNCTION config.copy_campaign() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
BEGIN
  INSERT INTO events.known_campaigns AS known (campaign, team, advertiser, currency, bucket_minutes)
  SELECT
    NEW.id, NEW.team_id, coalesce(NEW.advertiser_id, 0), coalesce(NEW.currency, s.currency, 'USD'),
    config.bucket_minutes(t.time_zone)
  FROM config.teams t
  LEFT JOIN config.sources s ON s.id = NEW.source_id
  WHERE t.id = NEW.team_id
  ON CONFLICT (campaign) DO UPDATE SET
    team = excluded.team,
    advertiser = excluded.advertiser,
    currency = excluded.currency,
    bucket_minutes = excluded.bucket_minutes;
  RETURN NULL;
END
$$;

CREATE FUNCTION config.copy_source_currency() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
BEGIN
  UPDATE events.known_campaigns AS known
  SET currency = coalesce(NEW.currency, 'USD')
  FROM config.campaigns c
  WHERE c.id = known.campaign AND c.source_id = NEW.id AND c.currency IS NULL;
  RETURN NULL;
END
$$;

CREATE TRIGGER known_campaigns AFTER UPDATE OF currency ON config.sources
  FOR EACH ROW WHEN (OLD.currency IS DISTINCT FROM NEW.currency) EXECUTE FUNCTION config.copy_source_currency();
