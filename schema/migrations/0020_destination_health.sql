-- Checks of destinations: when the next one is due, who asked for one, and the version of what edges are told.

SET LOCAL ROLE tributary_owner;

ALTER TABLE config.destination_health
  ADD COLUMN next_at timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN requested boolean NOT NULL DEFAULT false,
  ADD COLUMN last_status smallint,
  ADD COLUMN last_duration_ms integer;

COMMENT ON COLUMN config.destination_health.next_at IS 'when the next check is due, with jitter';
COMMENT ON COLUMN config.destination_health.requested IS 'somebody wants a check now, whether the destination has regular checks or not';
COMMENT ON COLUMN config.destination_health.failures IS 'in a row; a success ends it';
COMMENT ON COLUMN config.destination_health.successes IS 'in a row; a failure ends it';

CREATE INDEX destination_health_down ON config.destination_health (destination_id) WHERE NOT healthy;
CREATE INDEX destination_health_requested ON config.destination_health (destination_id) WHERE requested;
CREATE INDEX destinations_health_checked ON config.destinations (id) WHERE health_check AND state = 'active';

CREATE TABLE config.overlay (
  only_row   boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  counter    bigint NOT NULL DEFAULT 0 CHECK (counter >= 0),
  sha256     bytea NOT NULL DEFAULT '' CHECK (octet_length(sha256) IN (0, 32)),
  changed_at timestamptz NOT NULL DEFAULT now()
);

INSERT INTO config.overlay DEFAULT VALUES;

COMMENT ON TABLE config.overlay IS 'version of the overlay: the facts about destinations that edges get beside the configuration';
COMMENT ON COLUMN config.overlay.counter IS 'grows whenever the facts differ from those before; with config.generation.epoch it is the version';
COMMENT ON COLUMN config.overlay.sha256 IS 'of the facts that have this version';

GRANT SELECT, UPDATE ON config.overlay TO tributary_admin;
GRANT DELETE ON events.health_checks TO tributary_admin;
