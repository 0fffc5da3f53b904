-- Facts that arrive by other ways than the journal: ad spend, CRM sales, health checks, corrections, earnings; and the
-- outbox of the postbacks we send.

SET LOCAL ROLE tributary_owner;

CREATE TABLE events.ad_campaign_days (
  id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  team          uuid NOT NULL,
  ad_account_id text NOT NULL,
  campaign_id   text NOT NULL,
  campaign_name text NOT NULL DEFAULT '',
  day           date NOT NULL,
  spend         numeric(20, 6) NOT NULL DEFAULT 0,
  currency      text NOT NULL DEFAULT 'USD' CHECK (currency ~ '^[A-Z]{3}$'),
  impressions   integer NOT NULL DEFAULT 0,
  clicks        integer NOT NULL DEFAULT 0,
  conversions   integer NOT NULL DEFAULT 0,
  created_at    timestamptz NOT NULL DEFAULT now(),
  updated_at    timestamptz NOT NULL DEFAULT now(),
  UNIQUE (ad_account_id, campaign_id, day)
);

CREATE INDEX ad_campaign_days_team ON events.ad_campaign_days (team, day);

CREATE TABLE events.ad_set_days (
  id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  team          uuid NOT NULL,
  ad_account_id text NOT NULL,
  campaign_id   text NOT NULL,
  adset_id      text NOT NULL,
  adset_name    text NOT NULL DEFAULT '',
  day           date NOT NULL,
  spend         numeric(20, 6) NOT NULL DEFAULT 0,
  currency      text NOT NULL DEFAULT 'USD' CHECK (currency ~ '^[A-Z]{3}$'),
  impressions   integer NOT NULL DEFAULT 0,
  clicks        integer NOT NULL DEFAULT 0,
  created_at    timestamptz NOT NULL DEFAULT now(),
  updated_at    timestamptz NOT NULL DEFAULT now(),
  UNIQUE (ad_account_id, adset_id, day)
);

CREATE INDEX ad_set_days_team ON events.ad_set_days (team, day);

CREATE TABLE events.ad_days (
  id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  team          uuid NOT NULL,
  ad_account_id text NOT NULL,
  adset_id      text NOT NULL,
  ad_id         text NOT NULL,
  ad_name       text NOT NULL DEFAULT '',
  day           date NOT NULL,
  spend         numeric(20, 6) NOT NULL DEFAULT 0,
  currency      text NOT NULL DEFAULT 'USD' CHECK (currency ~ '^[A-Z]{3}$'),
  impressions   integer NOT NULL DEFAULT 0,
  clicks        integer NOT NULL DEFAULT 0,
  created_at    timestamptz NOT NULL DEFAULT now(),
  updated_at    timestamptz NOT NULL DEFAULT now(),
  UNIQUE (ad_account_id, ad_id, day)
);

CREATE INDEX ad_days_team ON events.ad_days (team, day);

COMMENT ON TABLE events.ad_campaign_days IS 'spend of ad platforms per campaign and day in the zone of the account; replaced by each import';
COMMENT ON TABLE events.ad_set_days IS 'the same per ad set';
COMMENT ON TABLE events.ad_days IS 'the same per ad';

CREATE TABLE events.sales (
  id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  team          uuid NOT NULL,
  crm           text NOT NULL DEFAULT 'amocrm',
  lead_id       integer NOT NULL,
  amount        numeric(20, 6) NOT NULL,
  currency      text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  utm_source    text,
  utm_medium    text,
  utm_campaign  text,
  utm_content   text,
  utm_term      text,
  user_id       uuid,
  customer_key  text,
  click         uuid,
  sold_at       timestamptz NOT NULL,
  created_at    timestamptz NOT NULL DEFAULT now(),
  updated_at    timestamptz NOT NULL DEFAULT now(),
  UNIQUE (team, crm, lead_id)
);

CREATE INDEX sales_team ON events.sales (team, sold_at);

COMMENT ON TABLE events.sales IS 'sales that a CRM reports by webhook';
COMMENT ON COLUMN events.sales.user_id IS 'media buyer (targetologist) who is responsible';
COMMENT ON COLUMN events.sales.customer_key IS 'hash of phone or e-mail: links devices of one customer';

CREATE TABLE events.health_checks (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  time        timestamptz NOT NULL DEFAULT now(),
  team        uuid NOT NULL,
  destination integer NOT NULL,
  healthy     boolean NOT NULL,
  changed     boolean NOT NULL DEFAULT false,
  manual      boolean NOT NULL DEFAULT false,
  status      smallint,
  duration_ms integer,
  error       text
);

CREATE INDEX health_checks_destination ON events.health_checks (destination, time);
CREATE INDEX health_checks_time ON events.health_checks USING brin (time);

COMMENT ON TABLE events.health_checks IS 'history of destination health checks';
COMMENT ON COLUMN events.health_checks.changed IS 'the destination went down or came up with this check';

CREATE TABLE events.cap_usage (
  cap_id      integer NOT NULL,
  starts_at   timestamptz NOT NULL,
  destination integer NOT NULL,
  team        uuid NOT NULL,
  amount      numeric(20, 6) NOT NULL DEFAULT 0,
  closed_at   timestamptz,
  PRIMARY KEY (cap_id, starts_at)
);

COMMENT ON TABLE events.cap_usage IS 'how much of a cap is used in its window; admin-api closes the destination when it is full';

CREATE TABLE events.cost_corrections (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  team       uuid NOT NULL,
  campaign   integer NOT NULL,
  bucket     timestamptz NOT NULL,
  sub_id     smallint CHECK (sub_id BETWEEN 1 AND 30),
  sub_value  text,
  amount     numeric(20, 6) NOT NULL,
  currency   text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  request    uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  created_by uuid
);

CREATE INDEX cost_corrections_campaign ON events.cost_corrections (campaign, bucket);

COMMENT ON TABLE events.cost_corrections IS 'ledger: cost of a past period, spread over its buckets; raw rows are never updated';
COMMENT ON COLUMN events.cost_corrections.request IS 'rows of one correction share it';

CREATE TABLE events.partner_ledger (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  team        uuid NOT NULL,
  partner     integer NOT NULL,
  campaign    integer NOT NULL DEFAULT 0,
  conversion  bigint,
  kind        text NOT NULL CHECK (kind IN ('earned', 'reversed', 'paid', 'adjusted')),
  amount      numeric(20, 6) NOT NULL,
  currency    text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  due_at      timestamptz NOT NULL DEFAULT now(),
  created_at  timestamptz NOT NULL DEFAULT now(),
  created_by  uuid,
  note        text
);

CREATE INDEX partner_ledger_partner ON events.partner_ledger (partner, due_at);
CREATE INDEX partner_ledger_conversion ON events.partner_ledger (conversion) WHERE conversion IS NOT NULL;

COMMENT ON TABLE events.partner_ledger IS 'what partners earn and are paid; append only, the balance is the sum';
COMMENT ON COLUMN events.partner_ledger.due_at IS 'end of the hold';

CREATE TABLE events.outbox (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  team        uuid NOT NULL,
  conversion  bigint NOT NULL,
  template    integer NOT NULL,
  status      smallint NOT NULL,
  payload     jsonb NOT NULL,
  state       text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sent', 'failed', 'withheld')),
  attempts    integer NOT NULL DEFAULT 0,
  next_at     timestamptz NOT NULL DEFAULT now(),
  leased_to   text,
  lease_until timestamptz,
  created_at  timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz,
  UNIQUE (conversion, template, status)
) WITH (fillfactor = 80);

CREATE INDEX outbox_queued ON events.outbox (next_at) WHERE state = 'queued';

COMMENT ON TABLE events.outbox IS 'postbacks to send, queued in the transaction that stored the conversion';
COMMENT ON COLUMN events.outbox.state IS 'withheld: the share passed on left it out';
COMMENT ON COLUMN events.outbox.lease_until IS 'until then one sender owns the row';

CREATE TABLE events.outbox_attempts (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  outbox      bigint NOT NULL REFERENCES events.outbox ON DELETE CASCADE,
  team        uuid NOT NULL,
  started_at  timestamptz NOT NULL DEFAULT now(),
  duration_ms integer,
  url         text NOT NULL,
  status      smallint,
  answer      text,
  error       text
);

CREATE INDEX outbox_attempts_outbox ON events.outbox_attempts (outbox);

COMMENT ON TABLE events.outbox_attempts IS 'every attempt with what the peer answered';

CREATE TABLE events.customer_touches (
  advertiser   integer NOT NULL,
  customer_key text NOT NULL,
  time         timestamptz NOT NULL,
  click        uuid NOT NULL,
  campaign     integer NOT NULL,
  affiliate    integer NOT NULL DEFAULT 0,
  link         integer NOT NULL DEFAULT 0,
  team         uuid NOT NULL,
  PRIMARY KEY (advertiser, customer_key, time, click)
);

COMMENT ON TABLE events.customer_touches IS 'clicks that are known to belong to a customer: first touch is the earliest in the window';

GRANT SELECT ON ALL TABLES IN SCHEMA events TO tributary_admin, tributary_ingestor;
GRANT INSERT, UPDATE, DELETE
  ON events.ad_campaign_days, events.ad_set_days, events.ad_days, events.sales
  TO tributary_admin;
GRANT INSERT ON events.health_checks, events.cost_corrections, events.partner_ledger TO tributary_admin;
GRANT UPDATE ON events.cap_usage, events.outbox TO tributary_admin;
GRANT INSERT, UPDATE ON events.cap_usage, events.outbox, events.outbox_attempts TO tributary_ingestor;
GRANT INSERT ON events.partner_ledger, events.customer_touches TO tributary_ingestor;

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY[
    'ad_campaign_days', 'ad_set_days', 'ad_days', 'sales', 'health_checks', 'cap_usage', 'cost_corrections',
    'partner_ledger', 'outbox', 'outbox_attempts', 'customer_touches'
  ] LOOP
    EXECUTE format('ALTER TABLE events.%I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE events.%I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format(
      'CREATE POLICY team ON events.%I'
      ' USING ((SELECT events.sees_every_team()) OR team = (SELECT events.current_team()))', name);
    EXECUTE format('CREATE POLICY maintenance ON events.%I TO tributary_owner USING (true)', name);
  END LOOP;
END
$$;
