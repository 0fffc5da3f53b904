-- The status of a conversion that a person or a rule decides: queued here, folded in once by the ingestor.

SET LOCAL ROLE tributary_owner;

CREATE TABLE events.conversion_decisions (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  requested_at timestamptz NOT NULL DEFAULT now(),
  requested_by uuid,
  team         uuid NOT NULL,
  key_owner    integer NOT NULL,
  key_kind     smallint NOT NULL,
  key_event    text NOT NULL,
  key_subject  text NOT NULL,
  status       smallint NOT NULL CHECK (status BETWEEN 1 AND 6),
  by_rule      boolean NOT NULL DEFAULT false,
  note         text,
  state        text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'done', 'failed')),
  finished_at  timestamptz,
  last_error   text,
  FOREIGN KEY (key_owner, key_kind, key_event, key_subject) REFERENCES events.conversions
);

CREATE INDEX conversion_decisions_queued ON events.conversion_decisions (id) WHERE state = 'queued';
CREATE UNIQUE INDEX conversion_decisions_rule
  ON events.conversion_decisions (key_owner, key_kind, key_event, key_subject) WHERE by_rule;

COMMENT ON TABLE events.conversion_decisions IS 'statuses set by hand or by a hold rule';
COMMENT ON COLUMN events.conversion_decisions.by_rule IS 'a hold that ended: it weighs as much as a call of the network; by hand it outweighs all calls';
COMMENT ON INDEX events.conversion_decisions_rule IS 'a hold ends once';

CREATE INDEX conversions_held ON events.conversions (network, first_received_at) WHERE status = 1;

ALTER TABLE events.conversion_decisions ENABLE ROW LEVEL SECURITY;
ALTER TABLE events.conversion_decisions FORCE ROW LEVEL SECURITY;
CREATE POLICY team ON events.conversion_decisions
  USING ((SELECT events.sees_every_team()) OR team = (SELECT events.current_team()));
CREATE POLICY maintenance ON events.conversion_decisions TO tributary_owner USING (true);

GRANT SELECT, INSERT ON events.conversion_decisions TO tributary_admin, tributary_ingestor;
GRANT UPDATE ON events.conversion_decisions TO tributary_ingestor;

-- Leads that the network never decides. One list per network says it with destination and amount.
ALTER TABLE config.networks
  DROP COLUMN hold_days,
  ADD COLUMN hold_rules jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(hold_rules) = 'array');
ALTER TABLE events.known_networks ADD COLUMN hold_rules jsonb NOT NULL DEFAULT '[]';

COMMENT ON COLUMN config.networks.hold_rules IS '[{"days": 14, "destination_id": 5, "min_amount": "10", "max_amount": null, "status": "sale"}, ...]: a lead that fits becomes sale (or rejected) after so many days; the first that fits counts';

CREATE OR REPLACE FUNCTION config.copy_network() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
BEGIN
  INSERT INTO events.known_networks AS known
    (network, team, currency, click_window_s, back_to_sale, payout_is_earned, duplicates, event_duplicates,
     hold_rules)
  VALUES
    (NEW.id, NEW.team_id, NEW.currency, NEW.click_window_s, NEW.back_to_sale, NEW.earned = 'payout', NEW.duplicates,
     NEW.event_duplicates, NEW.hold_rules)
  ON CONFLICT (network) DO UPDATE SET
    team = excluded.team,
    currency = excluded.currency,
    click_window_s = excluded.click_window_s,
    back_to_sale = excluded.back_to_sale,
    payout_is_earned = excluded.payout_is_earned,
    duplicates = excluded.duplicates,
    event_duplicates = excluded.event_duplicates,
    hold_rules = excluded.hold_rules;
  RETURN NULL;
END
$$;
