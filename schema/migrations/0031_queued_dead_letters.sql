-- The ingestor looks every two seconds for dead letters that somebody wants to be tried again.

SET LOCAL ROLE tributary_owner;

CREATE INDEX ingestion_errors_queued ON events.ingestion_errors (id) WHERE state = 'queued';
