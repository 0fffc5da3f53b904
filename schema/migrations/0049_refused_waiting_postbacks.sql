-- Postbacks that wait for their click and that PostgreSQL refuses: given up, shown as dead letters, redriven.

SET LOCAL ROLE tributary_owner;

ALTER TABLE events.waiting_postbacks
  DROP CONSTRAINT waiting_postbacks_state_check,
  ADD CONSTRAINT waiting_postbacks_state_check CHECK (state IN ('waiting', 'unknown', 'refused')),
  ADD COLUMN failures smallint NOT NULL DEFAULT 0;

COMMENT ON COLUMN events.waiting_postbacks.state IS
  'unknown: no such click came within 24 hours; kept for 30 days. refused: a dead letter says why, and a redrive of it lets it wait again';
COMMENT ON COLUMN events.waiting_postbacks.failures IS 'how often PostgreSQL refused it';
