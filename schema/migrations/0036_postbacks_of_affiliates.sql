-- Postbacks of affiliates: those that wait for the click they name, secrets, and what callers are answered.

SET LOCAL ROLE tributary_owner;

CREATE TABLE events.waiting_postbacks (
  journal         integer NOT NULL,
  position        bigint NOT NULL,
  received_at     timestamptz NOT NULL,
  next_attempt_at timestamptz NOT NULL,
  affiliate       integer NOT NULL,
  attempts        integer NOT NULL DEFAULT 0,
  state           text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'unknown')),
  team            uuid NOT NULL,
  click_text      text NOT NULL,
  event           bytea NOT NULL,
  PRIMARY KEY (journal, position)
);

CREATE INDEX waiting_postbacks_due ON events.waiting_postbacks (next_attempt_at) WHERE state = 'waiting';

COMMENT ON TABLE events.waiting_postbacks IS
  'postbacks of affiliates that name a click by its external id, which is not stored yet; the row goes when it is';
COMMENT ON COLUMN events.waiting_postbacks.event IS 'the record of the journal: an Event of events.proto';
COMMENT ON COLUMN events.waiting_postbacks.state IS 'unknown: no such click came within 24 hours; kept for 30 days';

ALTER TABLE events.waiting_postbacks ENABLE ROW LEVEL SECURITY;
ALTER TABLE events.waiting_postbacks FORCE ROW LEVEL SECURITY;
CREATE POLICY team ON events.waiting_postbacks
  USING ((SELECT events.sees_every_team()) OR team = (SELECT events.current_team()));
CREATE POLICY maintenance ON events.waiting_postbacks TO tributary_owner USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON events.waiting_postbacks TO tributary_ingestor;
GRANT SELECT ON events.waiting_postbacks TO tributary_admin;

-- How an affiliate's calls are trusted and answered, as config.networks has it.
ALTER TABLE config.networks
  DROP CONSTRAINT networks_answer_check,
  ADD CONSTRAINT networks_answer_check
    CHECK (answer IN ('json', 'json_status', 'json_data', 'plain', 'gif', 'empty'));
ALTER TABLE config.partners
  ADD COLUMN answer text NOT NULL DEFAULT 'json'
    CHECK (answer IN ('json', 'json_status', 'json_data', 'plain', 'gif', 'empty'));

COMMENT ON COLUMN config.partners.answer IS 'what a call of /postback gets: json has the keys of json_status and json_data';

ALTER TABLE config.networks ADD COLUMN preset text;
COMMENT ON COLUMN config.networks.preset IS 'the preset that it was made from; its fields are its own since';
