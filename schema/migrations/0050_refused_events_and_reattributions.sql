-- Waiting events of advertisers and re-attributions that PostgreSQL refuses: given up after five times, with the reason.

SET LOCAL ROLE tributary_owner;

ALTER TABLE events.waiting_customer_events
  DROP CONSTRAINT waiting_customer_events_state_check,
  ADD CONSTRAINT waiting_customer_events_state_check
    CHECK (state IN ('awaiting_click', 'click_arrived', 'click_unknown', 'refused')),
  ADD COLUMN refusals smallint NOT NULL DEFAULT 0,
  ADD COLUMN last_error text;

DROP INDEX events.waiting_customer_events_due, events.waiting_customer_events_time;
CREATE INDEX waiting_customer_events_due ON events.waiting_customer_events (next_attempt_at)
  WHERE state IN ('awaiting_click', 'click_arrived');
CREATE INDEX waiting_customer_events_time ON events.waiting_customer_events (time)
  WHERE state IN ('click_unknown', 'refused');

COMMENT ON COLUMN events.waiting_customer_events.state IS
  'awaiting_click: the click that it names is not stored yet. click_arrived: it is, and other events of the customer may be its. click_unknown: it did not come within 24 hours; kept for 30 days. refused: last_error says why; kept for 30 days, a re-attribution decides it again';
COMMENT ON COLUMN events.waiting_customer_events.refusals IS 'how often PostgreSQL refused what was decided';

ALTER TABLE events.reattributions ADD COLUMN refusals smallint NOT NULL DEFAULT 0;

COMMENT ON COLUMN events.reattributions.refusals IS 'how often PostgreSQL refused the present step; last_error says why';
