-- A quarantined call that counts under the present configuration is queued as the event that the edge would write now;
-- the ingestor folds it into its conversion, once.

SET LOCAL ROLE tributary_owner;

ALTER TABLE events.postback_redrives
  ADD COLUMN old_verdict smallint,
  ADD COLUMN event bytea;

CREATE UNIQUE INDEX postback_redrives_call ON events.postback_redrives (journal, position) WHERE state <> 'failed';

COMMENT ON COLUMN events.postback_redrives.old_verdict IS 'of the raw row';
COMMENT ON COLUMN events.postback_redrives.verdict IS 'what the present configuration says';
COMMENT ON COLUMN events.postback_redrives.event IS 'protobuf of the event with the new mapping, time and number of the raw row';
COMMENT ON INDEX events.postback_redrives_call IS 'a call is redriven once';
