-- Views that give the tables and columns other systems fix by name. One internal model, many shapes: nothing writes here.
--
-- Every view reads one half of the database only, and with the rights and the row security of who asks.

SET LOCAL ROLE tributary_owner;

CREATE SCHEMA affiliate;
CREATE SCHEMA influencer;
CREATE SCHEMA traffic;

COMMENT ON SCHEMA affiliate IS 'shape of the affiliate and S2S postback specifications (B, E)';
COMMENT ON SCHEMA influencer IS 'shape of the influencer and coupon specification (C)';
COMMENT ON SCHEMA traffic IS 'shape of the traffic dashboard specification (D)';

-- Affiliates: B11-B14, E10-E13. Timestamps are UTC.

CREATE VIEW affiliate.affiliates WITH (security_invoker = true) AS
  SELECT id, name::varchar(100) AS name
  FROM config.partners
  WHERE state <> 'deleted';

CREATE VIEW affiliate.campaigns WITH (security_invoker = true) AS
  SELECT id, left(name, 100)::varchar(100) AS name
  FROM config.campaigns
  WHERE state <> 'deleted';

CREATE VIEW affiliate.clicks WITH (security_invoker = true) AS
  SELECT
    number AS id,
    affiliate AS affiliate_id,
    campaign AS campaign_id,
    external_click_id::varchar(1024) AS click_id,
    time AT TIME ZONE 'UTC' AS timestamp
  FROM events.external_clicks;

CREATE VIEW affiliate.conversions WITH (security_invoker = true) AS
  SELECT
    id,
    nullif(number, 0) AS click_id,
    coalesce(revenue, payout, 0)::double precision AS amount,
    currency::varchar(10) AS currency,
    first_received_at AT TIME ZONE 'UTC' AS timestamp
  FROM events.conversions
  WHERE affiliate <> 0;

COMMENT ON VIEW affiliate.clicks IS 'clicks of /click. The id has up to 53 bits: it is minted on the edge';
COMMENT ON VIEW affiliate.conversions IS 'amount is a float only here; the model keeps micro-units';

-- Influencers: C70, C111, C116, C120, C123, C126, C130, C139.

CREATE VIEW influencer.advertisers WITH (security_invoker = true) AS
  SELECT id, team_id, name, email, website, state AS status, created_at, updated_at
  FROM config.advertisers
  WHERE state <> 'deleted';

CREATE VIEW influencer.api_keys WITH (security_invoker = true) AS
  SELECT
    id, advertiser_id, name, prefix, encode(sha256, 'hex') AS key_hash,
    revoked_at IS NULL AND coalesce(expires_at > now(), true) AS active,
    created_at, expires_at, revoked_at, last_used_at
  FROM config.api_keys
  WHERE advertiser_id IS NOT NULL;

CREATE VIEW influencer.admin_users WITH (security_invoker = true) AS
  SELECT id, email, full_name, password_hash, state AS status, created_at, last_login_at
  FROM config.users
  WHERE role = 'admin' AND state <> 'deleted';

CREATE VIEW influencer.campaigns WITH (security_invoker = true) AS
  SELECT
    id, advertiser_id, name, starts_at AS start_date, ends_at AS end_date, attribution_source,
    landing_url AS destination_url, state AS status, created_at, updated_at
  FROM config.campaigns
  WHERE state <> 'deleted';

CREATE VIEW influencer.influencers WITH (security_invoker = true) AS
  SELECT id, name, email, handle, state AS status, created_at, updated_at
  FROM config.partners
  WHERE kind = 'influencer' AND state <> 'deleted';

CREATE VIEW influencer.campaign_influencers WITH (security_invoker = true) AS
  SELECT campaign_id, partner_id AS influencer_id, state AS status, assigned_at
  FROM config.campaign_partners;

CREATE VIEW influencer.coupons WITH (security_invoker = true) AS
  SELECT
    id, code, advertiser_id, campaign_id, partner_id AS influencer_id, state AS status,
    valid_from, valid_until, created_at
  FROM config.coupons;

CREATE VIEW influencer.tracking_links WITH (security_invoker = true) AS
  SELECT
    id, code, campaign_id, partner_id AS influencer_id, url AS destination_url, state AS status, replaced_by, created_at
  FROM config.links;

CREATE VIEW influencer.click_events WITH (security_invoker = true) AS
  SELECT
    id, link AS tracking_link_id, affiliate AS influencer_id, campaign AS campaign_id, time AS timestamp,
    user_agent, device, os, browser, referrer, address AS ip_address, country, region, city
  FROM events.clicks
  WHERE affiliate <> 0;

CREATE VIEW influencer.customer_events WITH (security_invoker = true) AS
  SELECT
    id, advertiser AS advertiser_id, action, value, currency, properties, coupon_code, ref_code, landing_url, referrer,
    click AS click_id, nullif(coupon, 0) AS coupon_id, nullif(affiliate, 0) AS influencer_id,
    nullif(campaign, 0) AS campaign_id, matcher AS attribution, confidence, time AS timestamp
  FROM events.customer_events;

-- Traffic dashboard: D23-D28.

CREATE VIEW traffic.traffic_users WITH (security_invoker = true) AS
  SELECT
    id, email, password_hash, full_name,
    CASE role WHEN 'buyer' THEN 'targetologist' ELSE role END AS role,
    team_id, fb_ad_account_id,
    created_at AT TIME ZONE 'UTC' AS created_at
  FROM config.users
  WHERE role IN ('admin', 'buyer') AND state <> 'deleted';

CREATE VIEW traffic.traffic_teams WITH (security_invoker = true) AS
  SELECT id, name, lead_id, created_at AT TIME ZONE 'UTC' AS created_at
  FROM config.teams
  WHERE state <> 'deleted';

CREATE VIEW traffic.traffic_sales WITH (security_invoker = true) AS
  SELECT
    id, lead_id, amount::numeric AS sale_amount, currency AS sale_currency,
    utm_source, utm_medium, utm_campaign, utm_content, user_id AS targetologist_id,
    sold_at AT TIME ZONE 'UTC' AS sale_date,
    created_at AT TIME ZONE 'UTC' AS created_at
  FROM events.sales;

CREATE VIEW traffic.fb_campaigns WITH (security_invoker = true) AS
  SELECT
    id, campaign_id, campaign_name, ad_account_id, spend::numeric AS spend, impressions, clicks, conversions,
    day AS date,
    created_at AT TIME ZONE 'UTC' AS created_at
  FROM events.ad_campaign_days;

CREATE VIEW traffic.fb_adsets WITH (security_invoker = true) AS
  SELECT id, adset_id, adset_name, campaign_id, spend::numeric AS spend, impressions, clicks, day AS date
  FROM events.ad_set_days;

CREATE VIEW traffic.fb_ads WITH (security_invoker = true) AS
  SELECT id, ad_id, ad_name, adset_id, spend::numeric AS spend, impressions, clicks, day AS date
  FROM events.ad_days;

GRANT USAGE ON SCHEMA affiliate, influencer, traffic TO tributary_admin;
GRANT SELECT ON ALL TABLES IN SCHEMA affiliate, influencer, traffic TO tributary_admin;
