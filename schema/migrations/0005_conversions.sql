-- Conversions: one row per key, the order-independent fold of all its postbacks. Not partitioned, because a unique key
-- would have to contain the day.

SET LOCAL ROLE tributary_owner;

CREATE TABLE events.conversions (
  id                bigint NOT NULL,
  first_received_at timestamptz NOT NULL,
  last_received_at  timestamptz NOT NULL,
  click_time        timestamptz,
  batch             bigint NOT NULL,
  number            bigint NOT NULL DEFAULT 0,
  key_owner         integer NOT NULL,
  network           integer NOT NULL DEFAULT 0,
  affiliate         integer NOT NULL DEFAULT 0,
  campaign          integer NOT NULL DEFAULT 0,
  stream            integer NOT NULL DEFAULT 0,
  destination       integer NOT NULL DEFAULT 0,
  source            integer NOT NULL DEFAULT 0,
  advertiser        integer NOT NULL DEFAULT 0,
  link              integer NOT NULL DEFAULT 0,
  coupon            integer NOT NULL DEFAULT 0,
  postbacks         integer NOT NULL DEFAULT 0,
  key_kind          smallint NOT NULL CHECK (key_kind IN (1, 2, 3, 4)),
  status            smallint NOT NULL DEFAULT 0 CHECK (status BETWEEN 0 AND 6),
  verified          boolean NOT NULL DEFAULT true,
  over_cap          boolean NOT NULL DEFAULT false,
  attribution       text NOT NULL DEFAULT 'attributed'
                    CHECK (attribution IN ('attributed', 'awaiting_click', 'unattributed')),
  team              uuid NOT NULL,
  click             uuid,
  key_event         text NOT NULL DEFAULT '',
  key_subject       text NOT NULL CHECK (octet_length(key_subject) BETWEEN 1 AND 1024),
  payout            numeric(20, 6),
  revenue           numeric(20, 6),
  cost              numeric(20, 6),
  currency          text NOT NULL DEFAULT '' CHECK (currency ~ '^([A-Z]{3})?$'),
  transaction       text,
  raw_status        text,
  event             text NOT NULL DEFAULT '',
  click_text        text,
  custom            text[],
  status_at         timestamptz,
  money_at          timestamptz,
  first_standing    bytea,
  click_standing    bytea,
  status_standing   bytea,
  money_standing    bytea,
  next_attempt_at   timestamptz,
  attempts          integer NOT NULL DEFAULT 0,
  CHECK ((attribution = 'awaiting_click') = (next_attempt_at IS NOT NULL)),
  PRIMARY KEY (key_owner, key_kind, key_event, key_subject)
) WITH (fillfactor = 85);

CREATE INDEX conversions_id ON events.conversions (id);
CREATE INDEX conversions_click ON events.conversions (click) WHERE click IS NOT NULL;
CREATE INDEX conversions_first_received_at ON events.conversions (first_received_at);
CREATE INDEX conversions_affiliate ON events.conversions (affiliate, first_received_at) WHERE affiliate <> 0;
CREATE INDEX conversions_awaiting ON events.conversions (next_attempt_at) WHERE attribution = 'awaiting_click';

COMMENT ON TABLE events.conversions IS 'one row per conversion; key (owner, kind, event, subject), state = fold of its postbacks in any order';
COMMENT ON COLUMN events.conversions.id IS 'conversion_id of the first postback that was stored, at most 53 bits. Not unique by law: a number that an edge gave twice must not stop a batch, it is an incident';
COMMENT ON COLUMN events.conversions.first_received_at IS 'second time base of the rollups; corrections go to this bucket and to that of the click, never to now';
COMMENT ON COLUMN events.conversions.click_time IS 'first time base; null when there is no click';
COMMENT ON COLUMN events.conversions.number IS 'numeric click number where the click came through /click';
COMMENT ON COLUMN events.conversions.key_kind IS '1 network and transaction; 2 network and click; 3 affiliate and external click id; 4 advertiser and event id';
COMMENT ON COLUMN events.conversions.key_owner IS 'network, affiliate or advertiser, by key_kind';
COMMENT ON COLUMN events.conversions.key_event IS 'event scope: empty for the default goal; rebill and custom events have their own';
COMMENT ON COLUMN events.conversions.key_subject IS 'transaction, click id or external click id, by key_kind';
COMMENT ON COLUMN events.conversions.status IS 'ConversionStatus: 0 unmapped < 1 lead < 2 sale < 3 rejected, 4 trash; 5 rebill, 6 custom';
COMMENT ON COLUMN events.conversions.postbacks IS 'calls folded into this row, repeats included';
COMMENT ON COLUMN events.conversions.attribution IS 'awaiting_click: counted by what the id says until the click row arrives';
COMMENT ON COLUMN events.conversions.status_at IS 'time of the postback that decided the status';
COMMENT ON COLUMN events.conversions.money_at IS 'time of the postback that decided the amounts';
COMMENT ON COLUMN events.conversions.status_standing IS 'of the postback that decided the status: rank, time, journal, position as comparable bytes, so that the fold is the same in any order; likewise first_, click_, money_standing';
COMMENT ON COLUMN events.conversions.next_attempt_at IS 'when the sweeper looks for the click again';

CREATE TABLE events.conversion_history (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  conversion    bigint NOT NULL,
  recorded_at   timestamptz NOT NULL DEFAULT now(),
  time          timestamptz NOT NULL,
  journal       integer,
  position      bigint,
  batch         bigint,
  change        text NOT NULL
                CHECK (change IN ('created', 'changed', 'repeated', 'attributed', 'unattributed', 'corrected', 'refused')),
  verdict       smallint NOT NULL DEFAULT 0,
  old_status    smallint,
  new_status    smallint,
  old_payout    numeric(20, 6),
  new_payout    numeric(20, 6),
  old_revenue   numeric(20, 6),
  new_revenue   numeric(20, 6),
  team          uuid NOT NULL,
  changed_by    uuid,
  note          text
);

CREATE INDEX conversion_history_conversion ON events.conversion_history (conversion, id);

COMMENT ON TABLE events.conversion_history IS 'what each postback, sweep or hand did to its conversion; append only';
COMMENT ON COLUMN events.conversion_history.time IS 'of the postback, or of the correction';
COMMENT ON COLUMN events.conversion_history.journal IS 'with position: the raw row in events.postbacks; null when done by hand';
COMMENT ON COLUMN events.conversion_history.verdict IS 'PostbackVerdict after PostgreSQL has decided';
