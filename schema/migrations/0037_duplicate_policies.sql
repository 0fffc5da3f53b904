-- What a network's payout is, and what a second call for the same thing does, per network and per event.

SET LOCAL ROLE tributary_owner;

ALTER TABLE config.networks DROP CONSTRAINT networks_duplicates_check;

UPDATE config.networks SET duplicates = 'update'
WHERE duplicates NOT IN ('update', 'ignore', 'count');

-- Networks that were there keep what they had; new ones get what a media buyer expects.
ALTER TABLE config.networks
  ADD CONSTRAINT networks_duplicates_check CHECK (duplicates IN (
    'update', 'ignore', 'ignore_same_transaction', 'count', 'count_labelled', 'add_amounts')),
  ADD COLUMN event_duplicates jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(event_duplicates) = 'object'),
  ADD COLUMN earned text NOT NULL DEFAULT 'revenue' CHECK (earned IN ('payout', 'revenue'));
ALTER TABLE config.networks ALTER COLUMN earned SET DEFAULT 'payout';

COMMENT ON COLUMN config.networks.event_duplicates IS 'the same for events of their own: {"upsell": "count"}, names in lower case';
COMMENT ON COLUMN config.networks.earned IS 'payout: a payout without a revenue is what we earn; revenue: only what is sent as revenue is';

ALTER TABLE events.known_networks
  ADD COLUMN payout_is_earned boolean NOT NULL DEFAULT false,
  ADD COLUMN duplicates text NOT NULL DEFAULT 'update',
  ADD COLUMN event_duplicates jsonb NOT NULL DEFAULT '{}';

CREATE OR REPLACE FUNCTION config.copy_network() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
BEGIN
  INSERT INTO events.known_networks AS known
    (network, team, currency, click_window_s, back_to_sale, payout_is_earned, duplicates, event_duplicates)
  VALUES
    (NEW.id, NEW.team_id, NEW.currency, NEW.click_window_s, NEW.back_to_sale, NEW.earned = 'payout', NEW.duplicates,
     NEW.event_duplicates)
  ON CONFLICT (network) DO UPDATE SET
    team = excluded.team,
    currency = excluded.currency,
    click_window_s = excluded.click_window_s,
    back_to_sale = excluded.back_to_sale,
    payout_is_earned = excluded.payout_is_earned,
    duplicates = excluded.duplicates,
    event_duplicates = excluded.event_duplicates;
  RETURN NULL;
END
$$;
