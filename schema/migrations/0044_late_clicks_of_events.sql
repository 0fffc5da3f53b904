-- Events of advertisers whose click is stored later than they are: they wait, are decided again, and what changed is kept.

SET LOCAL ROLE tributary_owner;

-- Of the two sweepers before this one, too.
CREATE FUNCTION events.look_again(attempts integer) RETURNS timestamptz
  LANGUAGE sql STABLE
AS $$
  SELECT now() + least(interval '2 seconds' * power(2, least(attempts, 11)), interval '1 hour')
$$;

CREATE FUNCTION events.looked_for_a_day(attempts integer) RETURNS boolean
  LANGUAGE sql IMMUTABLE
AS $$
  SELECT attempts >= 34
$$;

COMMENT ON FUNCTION events.look_again(integer) IS
  'when something whose click is not stored is looked at again, ever more rarely';
COMMENT ON FUNCTION events.looked_for_a_day(integer) IS
  'whether so many attempts at these times take a day: the time of what waits does not say how long it was looked for';

ALTER TABLE events.customer_events
  ADD COLUMN named_click uuid,
  ADD COLUMN click_text text;

COMMENT ON COLUMN events.customer_events.click IS 'of what it is attributed to, else the one that it named';
COMMENT ON COLUMN events.customer_events.named_click IS 'the click that the event names itself; null also where click_text is no id of ours';
COMMENT ON COLUMN events.customer_events.click_text IS 'click_id as it was sent';

CREATE INDEX customer_events_customer ON events.customer_events (advertiser, customer_key, time)
  WHERE customer_key IS NOT NULL;

CREATE TYPE events.credit AS (
  campaign   integer,
  affiliate  integer,
  link       integer,
  coupon     integer,
  confidence smallint,
  matcher    text,
  click      uuid,
  candidates jsonb
);

COMMENT ON TYPE events.credit IS 'what an event of an advertiser is attributed to, in the columns of events.customer_events';

CREATE FUNCTION events.credit_of(event events.customer_events) RETURNS events.credit
  LANGUAGE sql IMMUTABLE
AS $$
  SELECT ROW(event.campaign, event.affiliate, event.link, event.coupon, event.confidence, event.matcher, event.click,
    event.candidates)::events.credit
$$;

CREATE TABLE events.attribution_changes (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  time       timestamptz NOT NULL,
  made_at    timestamptz NOT NULL DEFAULT now(),
  advertiser integer NOT NULL,
  team       uuid NOT NULL,
  event_id   uuid NOT NULL,
  reason     text NOT NULL CHECK (reason IN ('late_click')),
  old        events.credit NOT NULL,
  new        events.credit NOT NULL
);

CREATE INDEX attribution_changes_event ON events.attribution_changes (event_id);
CREATE INDEX attribution_changes_time ON events.attribution_changes USING brin (time);

COMMENT ON TABLE events.attribution_changes IS 'what an event was attributed to before, each time that this changed';
COMMENT ON COLUMN events.attribution_changes.time IS 'of the event: names its partition';
COMMENT ON COLUMN events.attribution_changes.reason IS
  'late_click: a click that it names, or another event of its customer, was stored after it';

CREATE TABLE events.waiting_customer_events (
  event_id        uuid PRIMARY KEY,
  time            timestamptz NOT NULL,
  next_attempt_at timestamptz NOT NULL,
  advertiser      integer NOT NULL,
  attempts        integer NOT NULL DEFAULT 0,
  team            uuid NOT NULL,
  state           text NOT NULL CHECK (state IN ('awaiting_click', 'click_arrived', 'click_unknown'))
);

CREATE INDEX waiting_customer_events_due ON events.waiting_customer_events (next_attempt_at)
  WHERE state <> 'click_unknown';
CREATE INDEX waiting_customer_events_time ON events.waiting_customer_events (time) WHERE state = 'click_unknown';

COMMENT ON TABLE events.waiting_customer_events IS
  'events of advertisers that are to be decided again; the row goes when they are';
COMMENT ON COLUMN events.waiting_customer_events.state IS
  'awaiting_click: the click that it names is not stored yet. click_arrived: it is, and other events of the customer may be its. click_unknown: it did not come within 24 hours; kept for 30 days';

GRANT UPDATE (campaign, affiliate, link, coupon, confidence, matcher, click, candidates)
  ON events.customer_events TO tributary_ingestor;
GRANT SELECT, INSERT, DELETE ON events.attribution_changes, events.waiting_customer_events TO tributary_ingestor;
GRANT UPDATE ON events.waiting_customer_events TO tributary_ingestor;  -- for its locks
GRANT SELECT ON events.attribution_changes, events.waiting_customer_events TO tributary_admin;

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['attribution_changes', 'waiting_customer_events'] LOOP
    EXECUTE format('ALTER TABLE events.%I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE events.%I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format(
      'CREATE POLICY team ON events.%I'
      ' USING ((SELECT events.sees_every_team()) OR team = (SELECT events.current_team()))', name);
    EXECUTE format('CREATE POLICY maintenance ON events.%I TO tributary_owner USING (true)', name);
  END LOOP;
END
$$;
