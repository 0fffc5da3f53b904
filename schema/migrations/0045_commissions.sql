-- What partners earn: rules with their past, what of the events of advertisers partners can earn by, and the ledger.
--
-- What a conversion earns is a function of the facts and of the rules of their time, whatever came in which order. The
-- ledger gets the difference between that and what it says already, so nothing is ever counted twice.

SET LOCAL ROLE tributary_owner;

ALTER TABLE config.commissions
  ALTER COLUMN campaign_id DROP NOT NULL,
  ALTER COLUMN event DROP NOT NULL,
  ALTER COLUMN event DROP DEFAULT,
  ADD COLUMN destination_id integer,
  ADD COLUMN cap_period text NOT NULL DEFAULT 'month' CHECK (cap_period IN ('day', 'month', 'total')),
  ADD COLUMN unverified boolean NOT NULL DEFAULT false;

UPDATE config.commissions SET event = NULL WHERE event = '';

ALTER TABLE config.commissions
  ADD FOREIGN KEY (team_id, destination_id) REFERENCES config.destinations (team_id, id),
  ADD CHECK (event ~ '^[a-z0-9_.:-]{1,64}$');

COMMENT ON TABLE config.commissions IS 'what partners earn; of the rules that fit the most special counts: partner, campaign, destination, event, first or repeat, higher tier, lower number';
COMMENT ON COLUMN config.commissions.campaign_id IS 'null: every campaign of the team';
COMMENT ON COLUMN config.commissions.partner_id IS 'null: every partner of the team';
COMMENT ON COLUMN config.commissions.event IS 'status of the conversion, event of its network or action of the advertiser; null: sales, rebills and purchases';
COMMENT ON COLUMN config.commissions.from_count IS 'tier: applies once as many facts of the partner fitted the rule in the calendar month, UTC';
COMMENT ON COLUMN config.commissions.cap IS 'at most this much per partner, currency and cap_period';
COMMENT ON COLUMN config.commissions.unverified IS 'also conversions that nobody proved';

-- Every state a rule ever had, with the time in which it held: an edit changes nothing that was earned before it.
CREATE TABLE events.known_commissions (
  rule        integer NOT NULL,
  version     bigint NOT NULL,
  since       timestamptz NOT NULL,
  until       timestamptz NOT NULL DEFAULT 'infinity',
  team        uuid NOT NULL,
  partner     integer NOT NULL DEFAULT 0,
  campaign    integer NOT NULL DEFAULT 0,
  destination integer NOT NULL DEFAULT 0,
  event       text,
  kind        text NOT NULL,
  amount      numeric(20, 6) NOT NULL,
  currency    text NOT NULL DEFAULT '',
  applies_to  text NOT NULL DEFAULT 'every',
  from_count  integer NOT NULL DEFAULT 0,
  cap         numeric(20, 6),
  cap_period  text NOT NULL DEFAULT 'month',
  hold_days   integer NOT NULL DEFAULT 0,
  unverified  boolean NOT NULL DEFAULT false,
  PRIMARY KEY (rule, version)
);

COMMENT ON TABLE events.known_commissions IS 'copy of config.commissions, one row for each state that a rule had; zero stands for any';

-- Whoever settles holds the same lock, shared: what was received before `since` and not settled yet sees no rule that
-- begins there, and what comes after it sees it.
CREATE FUNCTION config.copy_commission() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
DECLARE
  moment timestamptz;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('events.known_commissions'));
  moment := clock_timestamp();
  UPDATE events.known_commissions SET until = moment WHERE rule = NEW.id AND until > moment;
  IF NEW.state = 'active' THEN
    INSERT INTO events.known_commissions
      (rule, version, since, until, team, partner, campaign, destination, event, kind, amount, currency, applies_to,
       from_count, cap, cap_period, hold_days, unverified)
    VALUES
      (NEW.id, NEW.version, greatest(NEW.valid_from, moment), coalesce(NEW.valid_until, 'infinity'), NEW.team_id,
       coalesce(NEW.partner_id, 0), coalesce(NEW.campaign_id, 0), coalesce(NEW.destination_id, 0), NEW.event, NEW.kind,
       NEW.amount, coalesce(NEW.currency, ''), NEW.applies_to, NEW.from_count, NEW.cap, NEW.cap_period, NEW.hold_days,
       NEW.unverified);
  END IF;
  RETURN NULL;
END
$$;

CREATE TRIGGER known_commissions AFTER INSERT OR UPDATE ON config.commissions
  FOR EACH ROW EXECUTE FUNCTION config.copy_commission();

-- Nothing read the rules before this: those that are there begin now.
UPDATE config.commissions SET state = state;

CREATE TABLE events.partner_events (
  event_id        uuid PRIMARY KEY,
  time            timestamptz NOT NULL,
  advertiser      integer NOT NULL,
  campaign        integer NOT NULL DEFAULT 0,
  partner         integer NOT NULL DEFAULT 0,
  settled_partner integer NOT NULL DEFAULT 0,
  moved           boolean NOT NULL DEFAULT false,
  team            uuid NOT NULL,
  action          text NOT NULL,
  customer_key    text NOT NULL DEFAULT '',
  value           numeric(20, 6),
  currency        text NOT NULL DEFAULT ''
);

CREATE INDEX partner_events_partner ON events.partner_events (partner, time) WHERE partner <> 0;
CREATE INDEX partner_events_customer ON events.partner_events (advertiser, customer_key, action, time)
  WHERE customer_key <> '';
CREATE INDEX partner_events_moved ON events.partner_events (event_id) WHERE moved;

COMMENT ON TABLE events.partner_events IS 'of events.customer_events what commission needs: those of a partner, and those by which a customer is known. Kept when raw days are dropped';
COMMENT ON COLUMN events.partner_events.settled_partner IS 'whose ledger has it';
COMMENT ON COLUMN events.partner_events.moved IS 'its attribution was changed: the ledger will follow';

-- The ledger of a new event is settled in the transaction that stores it, that of a changed one soon after.
CREATE FUNCTION events.copy_customer_events() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
BEGIN
  INSERT INTO events.partner_events AS known
    (event_id, time, advertiser, campaign, partner, settled_partner, team, action, customer_key, value, currency)
  SELECT event_id, time, advertiser, campaign, affiliate, affiliate, team, action, coalesce(customer_key, ''), value,
    currency
  FROM written
  WHERE affiliate <> 0 OR customer_key <> ''
    OR EXISTS (SELECT FROM events.partner_events AS e WHERE e.event_id = written.event_id)
  ORDER BY event_id
  ON CONFLICT (event_id) DO UPDATE SET
    campaign = excluded.campaign, partner = excluded.partner, moved = true
  WHERE (known.campaign, known.partner) <> (excluded.campaign, excluded.partner);
  RETURN NULL;
END
$$;

CREATE TRIGGER partner_events_inserted AFTER INSERT ON events.customer_events REFERENCING NEW TABLE AS written
  FOR EACH STATEMENT EXECUTE FUNCTION events.copy_customer_events();
CREATE TRIGGER partner_events_updated AFTER UPDATE ON events.customer_events REFERENCING NEW TABLE AS written
  FOR EACH STATEMENT EXECUTE FUNCTION events.copy_customer_events();

INSERT INTO events.partner_events
  (event_id, time, advertiser, campaign, partner, settled_partner, team, action, customer_key, value, currency)
SELECT event_id, time, advertiser, campaign, affiliate, affiliate, team, action, coalesce(customer_key, ''), value,
  currency
FROM events.customer_events
WHERE affiliate <> 0 OR customer_key <> ''
ON CONFLICT (event_id) DO NOTHING;

ALTER TABLE events.partner_ledger
  ADD COLUMN subject bytea,
  ADD COLUMN customer_event uuid,
  ADD COLUMN rule integer,
  ADD COLUMN rule_version bigint,
  ADD COLUMN earned_at timestamptz,
  ADD COLUMN reference text CHECK (length(reference) BETWEEN 1 AND 100),
  ADD CHECK ((kind IN ('earned', 'reversed')) = (subject IS NOT NULL)),
  ADD CHECK ((kind IN ('paid', 'adjusted')) = (reference IS NOT NULL)),
  ADD CHECK (amount <> 0);

CREATE UNIQUE INDEX partner_ledger_reference ON events.partner_ledger (partner, reference) WHERE reference IS NOT NULL;
CREATE INDEX partner_ledger_earned ON events.partner_ledger (partner, earned_at) WHERE subject IS NOT NULL;
CREATE INDEX partner_ledger_customer_event ON events.partner_ledger (customer_event) WHERE customer_event IS NOT NULL;
CREATE INDEX partner_ledger_team ON events.partner_ledger (team, id);

COMMENT ON COLUMN events.partner_ledger.subject IS 'what it was earned by: hash of the key of the conversion, or the event id; null: booked by hand';
COMMENT ON COLUMN events.partner_ledger.earned_at IS 'time of the conversion or event';
COMMENT ON COLUMN events.partner_ledger.reference IS 'of a payout or an adjustment: the same one is booked once';
COMMENT ON COLUMN events.partner_ledger.due_at IS 'end of the hold: payable from then on';

CREATE VIEW events.commission_facts AS
  SELECT
    sha256(convert_to(
      format('%s/%s/%s/%s/%s', key_kind, key_owner, octet_length(key_event), key_event, key_subject), 'UTF8')) AS subject,
    id AS conversion, NULL::uuid AS customer_event, team, affiliate AS partner, campaign, destination,
    first_received_at AS time, lower(event) AS event,
    (ARRAY['lead', 'sale', NULL, NULL, 'rebill', 'custom'])[status] AS standing,
    status IN (2, 5) AS is_sale,
    CASE WHEN status = 5 THEN 'repeat' ELSE 'first' END AS turn,
    coalesce(revenue, payout) AS base, currency, verified
  FROM events.conversions
  WHERE affiliate <> 0 AND attribution <> 'awaiting_click' AND status IN (1, 2, 5, 6)
  UNION ALL
  SELECT
    uuid_send(event_id), NULL, event_id, team, partner, campaign, 0,
    time, action, NULL, action = 'purchase',
    CASE
      WHEN customer_key = '' THEN 'unknown'
      WHEN EXISTS (
        SELECT FROM events.partner_events AS earlier
        WHERE earlier.customer_key <> ''
          AND (earlier.advertiser, earlier.customer_key, earlier.action) = (e.advertiser, e.customer_key, e.action)
          AND (earlier.time, earlier.event_id) < (e.time, e.event_id)) THEN 'repeat'
      ELSE 'first'
    END,
    value, currency, true
  FROM events.partner_events AS e
  WHERE partner <> 0;

COMMENT ON VIEW events.commission_facts IS 'conversions and events of advertisers that stand and belong to a partner';
COMMENT ON COLUMN events.commission_facts.turn IS 'first or repeat: of the customer by the key that the advertiser gives; of a conversion, a rebill is a repeat';

-- OFFSET 0 keeps the planner from going through all conversions, of a partner or of everybody, to find a few.
--
-- A partner whose rules know tiers or caps is judged as a whole from the time that is given, which begins a month; of
-- any other, whose time is null, only the facts that are named.
CREATE FUNCTION events.earned_commissions(
  of_partners integer[], sinces timestamptz[], of_conversions bigint[], of_events uuid[]
) RETURNS TABLE (
  team uuid, partner integer, campaign integer, subject bytea, conversion bigint, customer_event uuid, rule integer,
  rule_version bigint, earned_at timestamptz, due_at timestamptz, currency text, amount numeric
)
  LANGUAGE sql STABLE SECURITY DEFINER
  SET search_path = pg_catalog SET work_mem = '64MB' SET jit = off SET enable_hashjoin = on
AS $$
  WITH scope AS (
    SELECT s.partner, s.since, a.team
    FROM unnest(of_partners, sinces) AS s (partner, since)
    JOIN events.known_affiliates AS a ON a.affiliate = s.partner
  ), named AS MATERIALIZED (
    SELECT f.*
    FROM (SELECT DISTINCT unnest(of_conversions)) AS wanted (id)
    CROSS JOIN LATERAL (SELECT * FROM events.commission_facts AS f WHERE f.conversion = wanted.id OFFSET 0) AS f
    UNION ALL
    SELECT f.*
    FROM (SELECT DISTINCT unnest(of_events)) AS wanted (id)
    CROSS JOIN LATERAL (SELECT * FROM events.commission_facts AS f WHERE f.customer_event = wanted.id OFFSET 0) AS f
  ), facts AS (
    SELECT f.*
    FROM scope AS s
    CROSS JOIN LATERAL (
      SELECT * FROM events.commission_facts AS f WHERE f.partner = s.partner AND f.time >= s.since AND f.team = s.team
      OFFSET 0
    ) AS f
    WHERE s.since IS NOT NULL
    UNION ALL
    SELECT f.*
    FROM named AS f
    JOIN scope AS s ON s.partner = f.partner AND s.team = f.team AND s.since IS NULL
  ), fits AS (
    SELECT f.*, r.rule, r.version, r.since, r.until, r.kind, r.amount, r.cap, r.cap_period, r.hold_days, r.from_count,
      CASE r.kind WHEN 'fixed' THEN r.currency ELSE f.currency END AS paid_in,
      r.partner <> 0 AS by_partner, r.campaign <> 0 AS by_campaign, r.destination <> 0 AS by_destination,
      r.event IS NOT NULL AS by_event, r.applies_to <> 'every' AS by_turn,
      row_number() OVER (
        PARTITION BY f.partner, r.rule, r.version, date_trunc('month', f.time, 'UTC') ORDER BY f.time, f.subject
      ) - 1 AS earlier
    FROM facts AS f
    JOIN events.known_commissions AS r ON r.team = f.team
      AND r.partner IN (0, f.partner) AND r.campaign IN (0, f.campaign) AND r.destination IN (0, f.destination)
      AND r.applies_to IN ('every', f.turn)
      AND (r.unverified OR f.verified)
      AND CASE
        WHEN r.event IS NULL THEN f.is_sale
        ELSE r.event = f.standing OR (r.event = f.event AND f.standing IS DISTINCT FROM 'lead')
      END
  ), chosen AS (
    SELECT DISTINCT ON (subject) *,
      CASE kind WHEN 'fixed' THEN amount ELSE round(greatest(base, 0) * amount / 100, 6) END AS whole
    FROM fits
    WHERE time >= since AND time < until AND earlier >= from_count
    ORDER BY subject, by_partner DESC, by_campaign DESC, by_destination DESC, by_event DESC, by_turn DESC,
      from_count DESC, rule
  ), running AS (
    SELECT *,
      sum(whole) OVER (
        PARTITION BY partner, rule, paid_in,
          CASE cap_period WHEN 'total' THEN '-infinity' ELSE date_trunc(cap_period, time, 'UTC') END
        ORDER BY time, subject
      ) AS up_to_here
    FROM chosen
    WHERE whole > 0 AND paid_in <> ''
  ), capped AS (
    SELECT *, CASE WHEN cap IS NULL THEN whole ELSE least(cap, up_to_here) - least(cap, up_to_here - whole) END AS earned
    FROM running
  )
  SELECT team, partner, campaign, subject, conversion, customer_event, rule, version, time,
    time + make_interval(hours => 24 * hold_days), paid_in, earned
  FROM capped
  WHERE earned <> 0
$$;

COMMENT ON FUNCTION events.earned_commissions(integer[], timestamptz[], bigint[], uuid[]) IS
  'what the ledger should say of these partners, from conversions, events of advertisers and rules alone';

CREATE FUNCTION events.ledger_differences(
  of_partners integer[], sinces timestamptz[], of_conversions bigint[], of_events uuid[]
) RETURNS TABLE (
  team uuid, partner integer, campaign integer, subject bytea, conversion bigint, customer_event uuid, rule integer,
  rule_version bigint, earned_at timestamptz, due_at timestamptz, currency text, amount numeric
)
  LANGUAGE sql STABLE SECURITY DEFINER
  SET search_path = pg_catalog SET work_mem = '64MB' SET jit = off SET enable_hashjoin = on
AS $$
  WITH scope AS (
    SELECT * FROM unnest(of_partners, sinces) AS s (partner, since)
  ), named AS MATERIALIZED (
    SELECT l.*
    FROM (SELECT DISTINCT unnest(of_conversions)) AS wanted (id)
    CROSS JOIN LATERAL (SELECT * FROM events.partner_ledger AS l WHERE l.conversion = wanted.id OFFSET 0) AS l
    UNION ALL
    SELECT l.*
    FROM (SELECT DISTINCT unnest(of_events)) AS wanted (id)
    CROSS JOIN LATERAL (SELECT * FROM events.partner_ledger AS l WHERE l.customer_event = wanted.id OFFSET 0) AS l
  ), booked AS (
    SELECT l.*
    FROM scope AS s
    CROSS JOIN LATERAL (
      SELECT * FROM events.partner_ledger AS l
      WHERE l.partner = s.partner AND l.earned_at >= s.since AND l.subject IS NOT NULL
      OFFSET 0
    ) AS l
    WHERE s.since IS NOT NULL
    UNION ALL
    SELECT l.*
    FROM named AS l
    JOIN scope AS s ON s.partner = l.partner AND s.since IS NULL
  ), both_sides AS (
    SELECT * FROM events.earned_commissions(of_partners, sinces, of_conversions, of_events)
    UNION ALL
    SELECT team, partner, campaign, subject, conversion, customer_event, rule, rule_version, earned_at, due_at, currency,
      -amount
    FROM booked
  )
  SELECT team, partner, campaign, subject, conversion, customer_event, rule, rule_version, earned_at, due_at, currency,
    sum(amount)
  FROM both_sides
  GROUP BY team, partner, campaign, subject, conversion, customer_event, rule, rule_version, earned_at, due_at, currency
  HAVING sum(amount) <> 0
$$;

COMMENT ON FUNCTION events.ledger_differences(integer[], timestamptz[], bigint[], uuid[]) IS
  'what has to be added to the ledger of these partners so that it says what they earned';

CREATE FUNCTION events.book_differences(
  of_partners integer[], sinces timestamptz[], of_conversions bigint[], of_events uuid[]
) RETURNS bigint
  LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog SET jit = off
AS $$
  WITH booked AS (
    INSERT INTO events.partner_ledger
      (team, partner, campaign, subject, conversion, customer_event, rule, rule_version, earned_at, due_at, currency,
       amount, kind)
    SELECT team, partner, campaign, subject, conversion, customer_event, rule, rule_version, earned_at, due_at, currency,
      amount, CASE WHEN amount > 0 THEN 'earned' ELSE 'reversed' END
    FROM events.ledger_differences(of_partners, sinces, of_conversions, of_events)
    ORDER BY partner, earned_at, subject, amount
    RETURNING 1
  )
  SELECT count(*) FROM booked
$$;

-- One writer at a time for each partner; few locks, whatever the number of partners, always in the same order.
CREATE FUNCTION events.lock_ledgers(of_partners integer[]) RETURNS void
  LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog
AS $$
  SELECT pg_advisory_xact_lock(hashtext('events.partner_ledger'), slot)
  FROM (SELECT DISTINCT mod(partner, 64) AS slot FROM unnest(of_partners) AS p (partner) ORDER BY 1) AS slots
$$;

CREATE FUNCTION events.settle_commissions(of_conversions bigint[], old_partners integer[], of_events uuid[])
  RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog SET jit = off
AS $$
DECLARE
  touched  uuid[];
  partners integer[];
  sinces   timestamptz[];
BEGIN
  PERFORM pg_advisory_xact_lock_shared(hashtext('events.known_commissions'));

  -- Of two who store events of one customer at the same time, the second sees those of the first.
  PERFORM pg_advisory_xact_lock(hashtext('events.partner_events'), slot)
  FROM (
    SELECT DISTINCT hashtext(e.advertiser || '/' || e.customer_key) & 63 AS slot
    FROM events.partner_events AS e
    WHERE e.event_id = ANY (of_events) AND e.customer_key <> ''
    ORDER BY 1
  ) AS slots;

  -- The first purchase of a customer, found late, makes a repeat of what was the first: only the next one can be that.
  SELECT coalesce(array_agg(event_id), '{}') INTO touched
  FROM (
    SELECT unnest(of_events)
    UNION
    SELECT other.event_id
    FROM events.partner_events AS e
    CROSS JOIN LATERAL (
      SELECT o.event_id
      FROM events.partner_events AS o
      WHERE o.customer_key <> ''
        AND (o.advertiser, o.customer_key, o.action) = (e.advertiser, e.customer_key, e.action)
        AND (o.time, o.event_id) > (e.time, e.event_id)
      ORDER BY o.time, o.event_id
      LIMIT 1
    ) AS other
    WHERE e.event_id = ANY (of_events) AND e.customer_key <> ''
  ) AS t (event_id);

  SELECT array_agg(partner), array_agg(since) INTO partners, sinces
  FROM (
    SELECT partner, min(time) AS since
    FROM (
      SELECT affiliate, first_received_at FROM events.conversions WHERE id = ANY (of_conversions)
      UNION ALL
      SELECT o.partner, c.first_received_at
      FROM unnest(of_conversions, old_partners) AS o (conversion, partner)
      JOIN events.conversions AS c ON c.id = o.conversion
      WHERE o.partner <> 0
      UNION ALL
      SELECT belongs.partner, e.time
      FROM events.partner_events AS e
      CROSS JOIN LATERAL (VALUES (e.partner), (e.settled_partner)) AS belongs (partner)
      WHERE e.event_id = ANY (touched)
    ) AS t (partner, time)
    WHERE partner <> 0
    GROUP BY partner
  ) AS t;
  partners := coalesce(partners, '{}');

  -- What moved on meanwhile, to a partner who is not locked, stays marked and is settled next.
  PERFORM events.lock_ledgers(partners);
  UPDATE events.partner_events SET settled_partner = partner, moved = false
  WHERE event_id = ANY (touched) AND moved
    AND partner = ANY (partners || 0) AND settled_partner = ANY (partners || 0);
  IF partners = '{}' THEN
    RETURN 0;
  END IF;

  SELECT array_agg(CASE
      WHEN reach.lifetime THEN '-infinity'
      WHEN reach.months THEN date_trunc('month', t.since, 'UTC')
    END ORDER BY t.place)
  INTO sinces
  FROM unnest(partners, sinces) WITH ORDINALITY AS t (partner, since, place)
  CROSS JOIN LATERAL (
    SELECT bool_or(r.from_count > 0 OR r.cap IS NOT NULL) AS months,
      bool_or(r.cap IS NOT NULL AND r.cap_period = 'total') AS lifetime
    FROM events.known_affiliates AS a
    JOIN events.known_commissions AS r ON r.team = a.team AND r.partner IN (0, t.partner)
    WHERE a.affiliate = t.partner
  ) AS reach;
  -- A statement of its own: its snapshot is taken after the locks.
  RETURN events.book_differences(partners, sinces, of_conversions, touched);
END
$$;

COMMENT ON FUNCTION events.settle_commissions(bigint[], integer[], uuid[]) IS
  'books what changed with these conversions (whose partners were old_partners before, zero for none) and events; returns the rows. The last step of a transaction: it waits for others';

-- Events of partners whose attribution was changed.
CREATE FUNCTION events.settle_moved_events(max_rows integer DEFAULT 1000) RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
DECLARE
  ids uuid[];
BEGIN
  SELECT array_agg(event_id) INTO ids
  FROM (SELECT event_id FROM events.partner_events WHERE moved LIMIT max_rows) AS m;
  IF ids IS NULL THEN
    RETURN 0;
  END IF;
  PERFORM events.settle_commissions('{}', '{}', ids);
  RETURN cardinality(ids);
END
$$;

COMMENT ON FUNCTION events.settle_moved_events(integer) IS 'returns how many events it looked at. Call until 0';

-- Every partner that earned or could have.
CREATE FUNCTION events.ledger_check() RETURNS TABLE (
  team uuid, partner integer, campaign integer, subject bytea, conversion bigint, customer_event uuid, rule integer,
  rule_version bigint, earned_at timestamptz, due_at timestamptz, currency text, amount numeric
)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
AS $$
  SELECT d.*
  FROM (
    SELECT coalesce(array_agg(partner), '{}') AS partners,
      coalesce(array_agg('-infinity'::timestamptz), '{}') AS sinces
    FROM (
      SELECT a.affiliate AS partner
      FROM events.known_affiliates AS a
      WHERE EXISTS (SELECT FROM events.known_commissions AS r WHERE r.team = a.team)
      UNION
      SELECT partner FROM events.partner_ledger
    ) AS p
  ) AS everybody
  CROSS JOIN LATERAL events.ledger_differences(partners, sinces, '{}', '{}') AS d
$$;

COMMENT ON FUNCTION events.ledger_check() IS
  'what the ledger lacks or has too much, counted again from conversions, events and rules; no row: they agree';

CREATE FUNCTION events.repair_ledger() RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
DECLARE
  partners integer[];
BEGIN
  PERFORM pg_advisory_xact_lock_shared(hashtext('events.known_commissions'));
  SELECT array_agg(DISTINCT partner) INTO partners FROM events.ledger_check();
  IF partners IS NULL THEN
    RETURN 0;
  END IF;
  PERFORM events.lock_ledgers(partners);
  RETURN events.book_differences(
    partners, array_fill('-infinity'::timestamptz, ARRAY[cardinality(partners)]), '{}', '{}');
END
$$;

COMMENT ON FUNCTION events.repair_ledger() IS 'books what events.ledger_check() says. Its transaction must be READ COMMITTED';

CREATE VIEW events.partner_balances WITH (security_invoker = true) AS
  SELECT team, partner, currency,
    coalesce(sum(amount) FILTER (WHERE due_at > now()), 0) AS pending,
    coalesce(sum(amount) FILTER (WHERE due_at <= now()), 0) AS payable,
    coalesce(-sum(amount) FILTER (WHERE kind = 'paid'), 0) AS paid,
    coalesce(sum(amount) FILTER (WHERE kind IN ('earned', 'reversed')), 0) AS earned,
    coalesce(sum(amount) FILTER (WHERE kind = 'adjusted'), 0) AS adjusted
  FROM events.partner_ledger
  GROUP BY team, partner, currency;

COMMENT ON VIEW events.partner_balances IS 'pending + payable + paid = earned + adjusted, in each currency';

GRANT SELECT ON events.known_commissions, events.partner_events, events.partner_balances
  TO tributary_ingestor, tributary_admin;
REVOKE INSERT ON events.partner_ledger FROM tributary_ingestor;

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['known_commissions', 'partner_events'] LOOP
    EXECUTE format('ALTER TABLE events.%I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE events.%I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format(
      'CREATE POLICY team ON events.%I'
      ' USING ((SELECT events.sees_every_team()) OR team = (SELECT events.current_team()))', name);
    EXECUTE format('CREATE POLICY maintenance ON events.%I TO tributary_owner USING (true)', name);
  END LOOP;
END
$$;

REVOKE EXECUTE ON FUNCTION
  events.earned_commissions(integer[], timestamptz[], bigint[], uuid[]),
  events.ledger_differences(integer[], timestamptz[], bigint[], uuid[]),
  events.book_differences(integer[], timestamptz[], bigint[], uuid[]),
  events.lock_ledgers(integer[]), events.settle_commissions(bigint[], integer[], uuid[]),
  events.settle_moved_events(integer), events.ledger_check(), events.repair_ledger()
  FROM public;
GRANT EXECUTE ON FUNCTION
  events.settle_commissions(bigint[], integer[], uuid[]), events.settle_moved_events(integer), events.ledger_check(),
  events.repair_ledger()
  TO tributary_ingestor;
GRANT EXECUTE ON FUNCTION events.lock_ledgers(integer[]) TO tributary_admin;
