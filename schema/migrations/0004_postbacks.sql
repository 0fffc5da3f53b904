-- Raw facts of the network's and the advertiser's side: every authentic call with its verdict, as it came in.

SET LOCAL ROLE tributary_owner;

CREATE TABLE events.postbacks (
  time          timestamptz NOT NULL,
  conversion_id bigint NOT NULL,
  position      bigint NOT NULL,
  batch         bigint NOT NULL,
  generation    bigint NOT NULL DEFAULT 0,
  epoch         integer NOT NULL DEFAULT 0,
  journal       integer NOT NULL,
  network       integer NOT NULL DEFAULT 0,
  affiliate     integer NOT NULL DEFAULT 0,
  campaign      integer NOT NULL DEFAULT 0,
  edge          smallint NOT NULL,
  slot          smallint NOT NULL,
  verdict       smallint NOT NULL,
  status        smallint NOT NULL,
  verified      boolean NOT NULL,
  team          uuid NOT NULL,
  click         uuid,
  payout        numeric(20, 6),
  revenue       numeric(20, 6),
  cost          numeric(20, 6),
  currency      text,
  address       inet,
  click_text    text,
  transaction   text,
  raw_status    text,
  event         text,
  custom        text[],
  method        text NOT NULL,
  uri           text NOT NULL,
  body          bytea
) PARTITION BY RANGE (time);

CREATE INDEX postbacks_conversion ON events.postbacks (conversion_id);
CREATE INDEX postbacks_click ON events.postbacks (click) WHERE click IS NOT NULL;
CREATE INDEX postbacks_time ON events.postbacks USING brin (time)
  WITH (pages_per_range = 32, autosummarize = on);

COMMENT ON TABLE events.postbacks IS 'log of every authentic call, with the conversion it asked for';
COMMENT ON COLUMN events.postbacks.conversion_id IS 'minted on the edge, at most 53 bits; of a repeat, events.conversions keeps the first';
COMMENT ON COLUMN events.postbacks.verdict IS 'PostbackVerdict of the edge; below 64 asks for a conversion, the others are kept in quarantine. What PostgreSQL made of it stands in events.conversion_history';
COMMENT ON COLUMN events.postbacks.status IS 'ConversionStatus after the status map; raw_status is what was sent';
COMMENT ON COLUMN events.postbacks.verified IS 'false: the network takes postbacks without a secret';
COMMENT ON COLUMN events.postbacks.payout IS 'null when the call named none; 0 is a legal payout';
COMMENT ON COLUMN events.postbacks.click_text IS 'click id as sent';
COMMENT ON COLUMN events.postbacks.uri IS 'path and query as sent, secrets redacted';

CREATE TABLE events.postback_redrives (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  requested_at  timestamptz NOT NULL DEFAULT now(),
  requested_by  uuid,
  team          uuid NOT NULL,
  time          timestamptz NOT NULL,
  journal       integer NOT NULL,
  position      bigint NOT NULL,
  state         text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'done', 'failed')),
  verdict       smallint,
  conversion_id bigint,
  finished_at   timestamptz,
  last_error    text
);

CREATE INDEX postback_redrives_queued ON events.postback_redrives (id) WHERE state = 'queued';

COMMENT ON TABLE events.postback_redrives IS 'quarantined postbacks that are judged again after their template was fixed; the raw row never changes';
COMMENT ON COLUMN events.postback_redrives.time IS 'of the raw row: names its partition';
COMMENT ON COLUMN events.postback_redrives.verdict IS 'the new verdict';

CREATE TABLE events.customer_events (
  time         timestamptz NOT NULL,
  id           bigint NOT NULL,
  position     bigint NOT NULL,
  batch        bigint NOT NULL,
  generation   bigint NOT NULL DEFAULT 0,
  epoch        integer NOT NULL DEFAULT 0,
  journal      integer NOT NULL,
  advertiser   integer NOT NULL,
  campaign     integer NOT NULL DEFAULT 0,
  affiliate    integer NOT NULL DEFAULT 0,
  link         integer NOT NULL DEFAULT 0,
  coupon       integer NOT NULL DEFAULT 0,
  edge         smallint NOT NULL,
  slot         smallint NOT NULL,
  verdict      smallint NOT NULL,
  confidence   smallint,
  team         uuid NOT NULL,
  event_id     uuid NOT NULL,
  click        uuid,
  action       text NOT NULL,
  value        numeric(20, 6),
  currency     text NOT NULL DEFAULT 'USD',
  matcher      text,
  address      inet,
  coupon_code  text,
  ref_code     text,
  landing_url  text,
  referrer     text,
  customer_key text,
  properties   jsonb,
  candidates   jsonb
) PARTITION BY RANGE (time);

CREATE INDEX customer_events_time ON events.customer_events USING brin (time)
  WITH (pages_per_range = 32, autosummarize = on);

COMMENT ON TABLE events.customer_events IS 'what advertisers report about their customers: purchase, add_to_cart, signup, drop_off, custom';
COMMENT ON COLUMN events.customer_events.event_id IS 'hash of advertiser and idempotency key or event id: the same for a retry at another edge';
COMMENT ON COLUMN events.customer_events.matcher IS 'what attributed it: coupon, ref_code, landing_url, referrer, click_id; null: unattributed';
COMMENT ON COLUMN events.customer_events.confidence IS 'percent';
COMMENT ON COLUMN events.customer_events.candidates IS 'the evidence that lost, with reasons';

CREATE TABLE events.customer_event_keys (
  event_id   uuid PRIMARY KEY,
  time       timestamptz NOT NULL,
  advertiser integer NOT NULL,
  batch      bigint NOT NULL
);

CREATE INDEX customer_event_keys_time ON events.customer_event_keys USING brin (time);

COMMENT ON TABLE events.customer_event_keys IS 'counts an advertiser event once over all days; rows older than the retention are deleted';
