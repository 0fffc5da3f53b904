-- Events of advertisers are attributed by the ingestor: copies of what it has to know, and when a coupon ended.

SET LOCAL ROLE tributary_owner;

ALTER TABLE config.coupons ADD COLUMN ended_at timestamptz;

COMMENT ON COLUMN config.coupons.ended_at IS 'when it was invalidated or replaced: events before that still count';

-- Those that ended before this was kept have ended when they were last written.
UPDATE config.coupons SET ended_at = updated_at WHERE state <> 'active';

CREATE TABLE events.known_advertisers (
  advertiser  integer PRIMARY KEY,
  team        uuid NOT NULL,
  matchers    text[] NOT NULL,
  window_days integer NOT NULL
);

CREATE TABLE events.known_links (
  code      text PRIMARY KEY,
  link      integer NOT NULL,
  campaign  integer NOT NULL,
  affiliate integer NOT NULL,
  team      uuid NOT NULL
);

CREATE TABLE events.known_coupons (
  advertiser  integer NOT NULL,
  code        text NOT NULL,
  coupon      integer NOT NULL,
  campaign    integer NOT NULL,
  affiliate   integer NOT NULL DEFAULT 0,
  valid_from  timestamptz,
  valid_until timestamptz,
  team        uuid NOT NULL,
  PRIMARY KEY (advertiser, code)
);

COMMENT ON TABLE events.known_advertisers IS 'copy of what ingestion needs of config.advertisers';
COMMENT ON TABLE events.known_links IS 'copy of what ingestion needs of config.links: whose a ref_code is, also after the link was replaced';
COMMENT ON TABLE events.known_coupons IS 'copy of what ingestion needs of config.coupons';
COMMENT ON COLUMN events.known_coupons.code IS 'in capitals';
COMMENT ON COLUMN events.known_coupons.valid_until IS 'the end of its time, or when it was invalidated or replaced';

CREATE FUNCTION config.copy_advertiser() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
BEGIN
  INSERT INTO events.known_advertisers (advertiser, team, matchers, window_days)
  VALUES (NEW.id, NEW.team_id, NEW.matchers, NEW.window_days)
  ON CONFLICT (advertiser) DO UPDATE SET
    team = excluded.team, matchers = excluded.matchers, window_days = excluded.window_days;
  RETURN NULL;
END
$$;

CREATE FUNCTION config.copy_link() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
BEGIN
  INSERT INTO events.known_links (code, link, campaign, affiliate, team)
  VALUES (NEW.code, NEW.id, NEW.campaign_id, NEW.partner_id, NEW.team_id)
  ON CONFLICT (code) DO UPDATE SET
    link = excluded.link, campaign = excluded.campaign, affiliate = excluded.affiliate, team = excluded.team;
  RETURN NULL;
END
$$;

-- Once for all rows of a statement: coupons are made by the hundred thousand.
CREATE FUNCTION config.copy_coupons() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
BEGIN
  INSERT INTO events.known_coupons AS known
    (advertiser, code, coupon, campaign, affiliate, valid_from, valid_until, team)
  SELECT
    advertiser_id, upper(code), id, campaign_id, coalesce(partner_id, 0), valid_from, least(valid_until, ended_at),
    team_id
  FROM written
  ORDER BY advertiser_id, upper(code)
  ON CONFLICT (advertiser, code) DO UPDATE SET
    coupon = excluded.coupon, campaign = excluded.campaign, affiliate = excluded.affiliate,
    valid_from = excluded.valid_from, valid_until = excluded.valid_until, team = excluded.team;
  RETURN NULL;
END
$$;

CREATE TRIGGER known_advertisers AFTER INSERT OR UPDATE ON config.advertisers
  FOR EACH ROW EXECUTE FUNCTION config.copy_advertiser();
CREATE TRIGGER known_links AFTER INSERT OR UPDATE ON config.links
  FOR EACH ROW EXECUTE FUNCTION config.copy_link();
CREATE TRIGGER known_coupons_inserted AFTER INSERT ON config.coupons REFERENCING NEW TABLE AS written
  FOR EACH STATEMENT EXECUTE FUNCTION config.copy_coupons();
CREATE TRIGGER known_coupons_updated AFTER UPDATE ON config.coupons REFERENCING NEW TABLE AS written
  FOR EACH STATEMENT EXECUTE FUNCTION config.copy_coupons();

INSERT INTO events.known_advertisers (advertiser, team, matchers, window_days)
SELECT id, team_id, matchers, window_days FROM config.advertisers;

INSERT INTO events.known_links (code, link, campaign, affiliate, team)
SELECT code, id, campaign_id, partner_id, team_id FROM config.links;

INSERT INTO events.known_coupons (advertiser, code, coupon, campaign, affiliate, valid_from, valid_until, team)
SELECT advertiser_id, upper(code), id, campaign_id, coalesce(partner_id, 0), valid_from, least(valid_until, ended_at),
  team_id
FROM config.coupons;

GRANT SELECT ON events.known_advertisers, events.known_links, events.known_coupons TO tributary_ingestor, tributary_admin;

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['known_advertisers', 'known_links', 'known_coupons'] LOOP
    EXECUTE format('ALTER TABLE events.%I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE events.%I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format(
      'CREATE POLICY team ON events.%I'
      ' USING ((SELECT events.sees_every_team()) OR team = (SELECT events.current_team()))', name);
    EXECUTE format('CREATE POLICY maintenance ON events.%I TO tributary_owner USING (true)', name);
  END LOOP;
END
$$;

CREATE INDEX customer_events_advertiser ON events.customer_events (advertiser, time);
CREATE INDEX customer_events_campaign ON events.customer_events (campaign, time) WHERE campaign <> 0;

-- What ends stays ended: the moment is written once.
CREATE FUNCTION config.end_coupon() RETURNS trigger
  LANGUAGE plpgsql SET search_path = pg_catalog
AS $$
BEGIN
  NEW.ended_at := coalesce(OLD.ended_at, now());
  RETURN NEW;
END
$$;

CREATE TRIGGER ended BEFORE UPDATE OF state ON config.coupons
  FOR EACH ROW WHEN (NEW.state <> 'active') EXECUTE FUNCTION config.end_coupon();

CREATE INDEX customer_touches_time ON events.customer_touches (time);

CREATE FUNCTION events.forget_customer_touches(before timestamptz, max_rows integer DEFAULT 10000) RETURNS bigint
  LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog
AS $$
  WITH forgotten AS (
    DELETE FROM events.customer_touches
    WHERE ctid = ANY (ARRAY(SELECT ctid FROM events.customer_touches WHERE time < before LIMIT max_rows))
    RETURNING 1
  )
  SELECT count(*) FROM forgotten
$$;

COMMENT ON FUNCTION events.forget_customer_touches(timestamptz, integer) IS
  'retention of the touches of customers; returns how many were forgotten. Call until 0';

REVOKE EXECUTE ON FUNCTION events.forget_customer_touches(timestamptz, integer) FROM public;
GRANT EXECUTE ON FUNCTION events.forget_customer_touches(timestamptz, integer) TO tributary_ingestor;
