-- Counters of caps and of click limits share one number space in the state of the edges. A counter only ever moves on to
-- later periods, so what begins to count anew gets a new number, and no number is used twice.

SET LOCAL ROLE tributary_owner;

CREATE SEQUENCE config.cap_slots AS integer MINVALUE 0 START 0;
GRANT USAGE ON SEQUENCE config.cap_slots TO tributary_admin;

-- Nothing assigned the old column.
ALTER TABLE config.destination_caps DROP COLUMN slot;
ALTER TABLE config.destination_caps
  ADD COLUMN slot integer NOT NULL DEFAULT nextval('config.cap_slots') UNIQUE CHECK (slot >= 0);

COMMENT ON COLUMN config.destination_caps.slot IS
  'place of its counter in the shared state of the edges; a cap with another period, zone or currency needs a new one';

ALTER TABLE config.stream_conditions ADD COLUMN cap_slot integer UNIQUE CHECK (cap_slot >= 0);
ALTER TABLE config.stream_conditions ADD CHECK ((kind = 'click_limit') = (cap_slot IS NOT NULL));

COMMENT ON COLUMN config.stream_conditions.cap_slot IS
  'of a click_limit: place of its counter, from the sequence of the caps; another argument needs a new one';

CREATE INDEX destinations_overflow ON config.destinations (overflow_id) WHERE overflow_id IS NOT NULL;
