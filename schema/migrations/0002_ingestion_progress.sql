-- What the ingestor remembers about its input. One batch is one transaction: raw rows, then the progress of their
-- journal, then what follows from them.

SET LOCAL ROLE tributary_owner;

CREATE TABLE events.journals (
  number        integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  journal       uuid NOT NULL UNIQUE,
  edge          smallint NOT NULL CHECK (edge BETWEEN 0 AND 1023),
  slot          smallint NOT NULL CHECK (slot BETWEEN 0 AND 255),
  next_position bigint NOT NULL DEFAULT 0 CHECK (next_position >= 0),
  owner_pid     integer,
  owner_started timestamptz,
  owner_name    text,
  created_at    timestamptz NOT NULL DEFAULT now(),
  updated_at    timestamptz NOT NULL DEFAULT now(),
  finished_at   timestamptz
) WITH (fillfactor = 50);

COMMENT ON TABLE events.journals IS 'progress per journal: one life of one worker slot. A position below next_position is a repeat, one above it a gap';
COMMENT ON COLUMN events.journals.number IS 'what rows store instead of the 16 bytes of the journal id';
COMMENT ON COLUMN events.journals.next_position IS 'first byte that no committed batch has covered';
COMMENT ON COLUMN events.journals.owner_pid IS 'backend that owns the journal; with owner_started it names one connection, which a new owner terminates when it is stale';
COMMENT ON COLUMN events.journals.owner_started IS 'pg_stat_activity.backend_start of owner_pid';
COMMENT ON COLUMN events.journals.finished_at IS 'set when the journal was read to its end and its files are gone';

CREATE TABLE events.batches (
  id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  ingestor          text NOT NULL DEFAULT '',
  started_at        timestamptz NOT NULL DEFAULT now(),
  finished_at       timestamptz,
  clicks            integer NOT NULL DEFAULT 0,
  trafficbacks      integer NOT NULL DEFAULT 0,
  postbacks         integer NOT NULL DEFAULT 0,
  conversions       integer NOT NULL DEFAULT 0,
  customer_events   integer NOT NULL DEFAULT 0,
  errors            integer NOT NULL DEFAULT 0,
  bytes             bigint NOT NULL DEFAULT 0
);

COMMENT ON TABLE events.batches IS 'one row per committed batch; every raw row names its batch';
COMMENT ON COLUMN events.batches.bytes IS 'journal bytes covered by the batch';

CREATE TABLE events.ingestion_errors (
  id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  happened_at    timestamptz NOT NULL DEFAULT now(),
  journal        integer NOT NULL,
  position       bigint NOT NULL,
  next_position  bigint NOT NULL,
  batch          bigint NOT NULL,
  kind           text NOT NULL DEFAULT 'unknown',
  reason         text NOT NULL,
  detail         text NOT NULL DEFAULT '',
  bytes          bytea NOT NULL,
  team           uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
  state          text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'queued', 'redriven', 'dismissed')),
  attempts       integer NOT NULL DEFAULT 0,
  redriven_at    timestamptz,
  redriven_batch bigint,
  last_error     text,
  UNIQUE (journal, position),
  CHECK (next_position > position)
);

CREATE INDEX ingestion_errors_open ON events.ingestion_errors (id) WHERE state IN ('open', 'queued');
CREATE INDEX ingestion_errors_happened_at ON events.ingestion_errors (happened_at);

COMMENT ON TABLE events.ingestion_errors IS 'dead letters: records that could not be stored, with their bytes, to be fed again (redrive)';
COMMENT ON COLUMN events.ingestion_errors.kind IS 'type of event as far as it could be told: click, trafficback, postback, unknown, damaged';
COMMENT ON COLUMN events.ingestion_errors.reason IS 'a short word: damaged, malformed, clock, encoding, rejected ...';
COMMENT ON COLUMN events.ingestion_errors.state IS 'open; queued: somebody asked for a redrive; redriven: its row was stored by redriven_batch; dismissed';
COMMENT ON COLUMN events.ingestion_errors.team IS 'all zero when the record does not say';

CREATE TABLE events.incidents (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  happened_at     timestamptz NOT NULL DEFAULT now(),
  kind            text NOT NULL CHECK (kind IN ('gap', 'damaged', 'clock', 'fenced', 'lost_range', 'other')),
  journal         integer,
  from_position   bigint,
  to_position     bigint,
  detail          text NOT NULL DEFAULT '',
  acknowledged_at timestamptz,
  acknowledged_by uuid,
  CHECK (to_position IS NULL OR to_position > from_position)
);

COMMENT ON TABLE events.incidents IS 'what must never pass in silence: missing ranges, damage, clocks far off, fenced ingestors';

GRANT SELECT ON events.journals, events.batches, events.ingestion_errors, events.incidents TO tributary_admin;
GRANT UPDATE (state) ON events.ingestion_errors TO tributary_admin;
GRANT UPDATE (acknowledged_at, acknowledged_by) ON events.incidents TO tributary_admin;
GRANT SELECT, INSERT, UPDATE, DELETE
  ON events.journals, events.batches, events.ingestion_errors, events.incidents
  TO tributary_ingestor;
