-- Rollups: a batch appends its groups to rollup_delta, one folder adds them up, reports read both.
--
-- Upserts straight into the rollup by several ingestors would queue up on hot rows. A fold is one transaction, so that
-- rollup + delta is exact in every snapshot.

SET LOCAL ROLE tributary_owner;

CREATE TABLE events.rollup_delta (
  bucket              timestamptz NOT NULL,
  batch               bigint NOT NULL,
  campaign            integer NOT NULL,
  team                uuid NOT NULL,
  currency            text NOT NULL DEFAULT '' CHECK (currency ~ '^([A-Z]{3})?$'),
  clicks              bigint NOT NULL DEFAULT 0,
  unique_stream       bigint NOT NULL DEFAULT 0,
  unique_campaign     bigint NOT NULL DEFAULT 0,
  unique_global       bigint NOT NULL DEFAULT 0,
  labelled            bigint NOT NULL DEFAULT 0,
  trafficbacks        bigint NOT NULL DEFAULT 0,
  postbacks           bigint NOT NULL DEFAULT 0,
  cost                numeric(26, 6) NOT NULL DEFAULT 0,
  unmapped            bigint NOT NULL DEFAULT 0,
  leads               bigint NOT NULL DEFAULT 0,
  sales               bigint NOT NULL DEFAULT 0,
  rejected            bigint NOT NULL DEFAULT 0,
  trash               bigint NOT NULL DEFAULT 0,
  rebills             bigint NOT NULL DEFAULT 0,
  customs             bigint NOT NULL DEFAULT 0,
  payout              numeric(26, 6) NOT NULL DEFAULT 0,
  revenue             numeric(26, 6) NOT NULL DEFAULT 0,
  received_unmapped   bigint NOT NULL DEFAULT 0,
  received_leads      bigint NOT NULL DEFAULT 0,
  received_sales      bigint NOT NULL DEFAULT 0,
  received_rejected   bigint NOT NULL DEFAULT 0,
  received_trash      bigint NOT NULL DEFAULT 0,
  received_rebills    bigint NOT NULL DEFAULT 0,
  received_customs    bigint NOT NULL DEFAULT 0,
  received_payout     numeric(26, 6) NOT NULL DEFAULT 0,
  received_revenue    numeric(26, 6) NOT NULL DEFAULT 0
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000);

COMMENT ON TABLE events.rollup_delta IS 'groups that are not folded yet; append only, emptied by events.fold_rollups()';
COMMENT ON COLUMN events.rollup_delta.bucket IS 'start of the bucket, UTC. Buckets are as wide as the zone of the team needs: 60, 30 or 15 minutes';
COMMENT ON COLUMN events.rollup_delta.currency IS 'of every amount in the row; empty when it has none. Amounts are never converted when stored';
COMMENT ON COLUMN events.rollup_delta.labelled IS 'clicks among `clicks` with any label but truncated: bot, prefetch, HEAD, scanner';
COMMENT ON COLUMN events.rollup_delta.postbacks IS 'authentic calls, repeats and quarantined ones included, by time received';
COMMENT ON COLUMN events.rollup_delta.leads IS 'conversions now in this status, by the bucket of their click; likewise sales ... customs';
COMMENT ON COLUMN events.rollup_delta.revenue IS 'of conversions in status lead, sale, rebill and custom; likewise payout';
COMMENT ON COLUMN events.rollup_delta.received_leads IS 'the same conversions by the bucket in which they were first received; likewise received_...';

CREATE TABLE events.rollup_campaign (
  LIKE events.rollup_delta INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING COMMENTS
) WITH (fillfactor = 70);

ALTER TABLE events.rollup_campaign DROP COLUMN batch;
ALTER TABLE events.rollup_campaign ADD PRIMARY KEY (campaign, bucket, team, currency);

CREATE INDEX rollup_campaign_team ON events.rollup_campaign (team, bucket);
CREATE INDEX rollup_campaign_bucket ON events.rollup_campaign (bucket);

COMMENT ON TABLE events.rollup_campaign IS 'facts per bucket, campaign and currency; campaign 0: unknown. Read events.campaign_facts, which adds what is not folded yet';

CREATE FUNCTION events.fold_rollups(max_rows integer DEFAULT 50000) RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
DECLARE
  folded bigint;
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtext('events.fold_rollups')) THEN
    RETURN -1;
  END IF;

  WITH taken AS (
    DELETE FROM events.rollup_delta
    WHERE ctid = ANY (ARRAY(SELECT ctid FROM events.rollup_delta LIMIT max_rows))
    RETURNING *
  ), grouped AS (
    SELECT
      bucket, campaign, team, currency,
      count(*) AS rows,
      sum(clicks) AS clicks,
      sum(unique_stream) AS unique_stream,
      sum(unique_campaign) AS unique_campaign,
      sum(unique_global) AS unique_global,
      sum(labelled) AS labelled,
      sum(trafficbacks) AS trafficbacks,
      sum(postbacks) AS postbacks,
      sum(cost) AS cost,
      sum(unmapped) AS unmapped,
      sum(leads) AS leads,
      sum(sales) AS sales,
      sum(rejected) AS rejected,
      sum(trash) AS trash,
      sum(rebills) AS rebills,
      sum(customs) AS customs,
      sum(payout) AS payout,
      sum(revenue) AS revenue,
      sum(received_unmapped) AS received_unmapped,
      sum(received_leads) AS received_leads,
      sum(received_sales) AS received_sales,
      sum(received_rejected) AS received_rejected,
      sum(received_trash) AS received_trash,
      sum(received_rebills) AS received_rebills,
      sum(received_customs) AS received_customs,
      sum(received_payout) AS received_payout,
      sum(received_revenue) AS received_revenue
    FROM taken
    GROUP BY bucket, campaign, team, currency
  ), added AS (
    INSERT INTO events.rollup_campaign AS r (
      bucket, campaign, team, currency,
      clicks, unique_stream, unique_campaign, unique_global, labelled, trafficbacks, postbacks, cost,
      unmapped, leads, sales, rejected, trash, rebills, customs, payout, revenue,
      received_unmapped, received_leads, received_sales, received_rejected, received_trash, received_rebills,
      received_customs, received_payout, received_revenue
    )
    SELECT
      bucket, campaign, team, currency,
      clicks, unique_stream, unique_campaign, unique_global, labelled, trafficbacks, postbacks, cost,
      unmapped, leads, sales, rejected, trash, rebills, customs, payout, revenue,
      received_unmapped, received_leads, received_sales, received_rejected, received_trash, received_rebills,
      received_customs, received_payout, received_revenue
    FROM grouped
    ON CONFLICT (campaign, bucket, team, currency) DO UPDATE SET
      clicks = r.clicks + excluded.clicks,
      unique_stream = r.unique_stream + excluded.unique_stream,
      unique_campaign = r.unique_campaign + excluded.unique_campaign,
      unique_global = r.unique_global + excluded.unique_global,
      labelled = r.labelled + excluded.labelled,
      trafficbacks = r.trafficbacks + excluded.trafficbacks,
      postbacks = r.postbacks + excluded.postbacks,
      cost = r.cost + excluded.cost,
      unmapped = r.unmapped + excluded.unmapped,
      leads = r.leads + excluded.leads,
      sales = r.sales + excluded.sales,
      rejected = r.rejected + excluded.rejected,
      trash = r.trash + excluded.trash,
      rebills = r.rebills + excluded.rebills,
      customs = r.customs + excluded.customs,
      payout = r.payout + excluded.payout,
      revenue = r.revenue + excluded.revenue,
      received_unmapped = r.received_unmapped + excluded.received_unmapped,
      received_leads = r.received_leads + excluded.received_leads,
      received_sales = r.received_sales + excluded.received_sales,
      received_rejected = r.received_rejected + excluded.received_rejected,
      received_trash = r.received_trash + excluded.received_trash,
      received_rebills = r.received_rebills + excluded.received_rebills,
      received_customs = r.received_customs + excluded.received_customs,
      received_payout = r.received_payout + excluded.received_payout,
      received_revenue = r.received_revenue + excluded.received_revenue
  )
  SELECT coalesce(sum(rows), 0) INTO folded FROM grouped;

  RETURN folded;
END
$$;

COMMENT ON FUNCTION events.fold_rollups(integer) IS
  'adds at most max_rows deltas to the rollup; returns how many, or -1 when another folder is at work. Call until 0';

CREATE VIEW events.campaign_facts WITH (security_invoker = true) AS
  SELECT * FROM events.rollup_campaign
  UNION ALL
  SELECT
    bucket, campaign, team, currency,
    clicks, unique_stream, unique_campaign, unique_global, labelled, trafficbacks, postbacks, cost,
    unmapped, leads, sales, rejected, trash, rebills, customs, payout, revenue,
    received_unmapped, received_leads, received_sales, received_rejected, received_trash, received_rebills,
    received_customs, received_payout, received_revenue
  FROM events.rollup_delta;

COMMENT ON VIEW events.campaign_facts IS 'rollup and unfolded deltas together: several rows per bucket, always sum them';
