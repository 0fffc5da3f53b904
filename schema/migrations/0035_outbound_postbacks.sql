-- Outbound postbacks: what a template says in full, its copy for ingestion, and what senders need of the outbox.

SET LOCAL ROLE tributary_owner;

ALTER TABLE config.outbound_templates
  ALTER COLUMN statuses DROP DEFAULT,
  ALTER COLUMN statuses TYPE jsonb USING to_jsonb(statuses),
  ALTER COLUMN statuses SET DEFAULT '["sale"]',
  ALTER COLUMN events DROP DEFAULT,
  ALTER COLUMN events TYPE jsonb USING to_jsonb(events),
  ALTER COLUMN events SET DEFAULT '[]',
  DROP COLUMN paused_reason,
  ADD COLUMN headers jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(headers) = 'object'),
  ADD CHECK (jsonb_typeof(statuses) = 'array'),
  ADD CHECK (jsonb_typeof(events) = 'array');

CREATE INDEX outbound_templates_team ON config.outbound_templates (team_id, lower(name));

COMMENT ON COLUMN config.outbound_templates.headers IS 'name to value, sent as they are';
COMMENT ON COLUMN config.outbound_templates.events IS 'names of events; empty: all';

-- What ingestion needs of a template, and how its peer is doing.
CREATE TABLE events.known_outbound_templates (
  template          integer PRIMARY KEY,
  team              uuid NOT NULL,
  active            boolean NOT NULL,
  source            integer NOT NULL DEFAULT 0,
  campaign          integer NOT NULL DEFAULT 0,
  partner           integer NOT NULL DEFAULT 0,
  method            text NOT NULL,
  url               text NOT NULL,
  host              text NOT NULL,
  body              text,
  content_type      text,
  headers           jsonb NOT NULL DEFAULT '{}',
  statuses          smallint[] NOT NULL,
  events            text[] NOT NULL,
  share_percent     smallint NOT NULL,
  payout_percent    smallint NOT NULL,
  success_status    int4range NOT NULL,
  success_substring text,
  failures          integer NOT NULL DEFAULT 0,
  paused_until      timestamptz,
  paused_reason     text
) WITH (fillfactor = 80);

CREATE INDEX known_outbound_templates_team ON events.known_outbound_templates (team) WHERE active;

COMMENT ON TABLE events.known_outbound_templates IS 'copy of config.outbound_templates for ingestion, and how the peer is doing';
COMMENT ON COLUMN events.known_outbound_templates.source IS 'of the conversion; 0: any. Likewise campaign and partner';
COMMENT ON COLUMN events.known_outbound_templates.host IS 'host and port of the URL: requests to one host share a limit';
COMMENT ON COLUMN events.known_outbound_templates.failures IS 'attempts that failed in a row; a success or a change of the template ends it';
COMMENT ON COLUMN events.known_outbound_templates.paused_until IS 'after too many failures nothing is sent before this time, then one entry at a time';

CREATE FUNCTION config.copy_outbound_template() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
BEGIN
  INSERT INTO events.known_outbound_templates
    (template, team, active, source, campaign, partner, method, url, host, body, content_type, headers,
     statuses, events, share_percent, payout_percent, success_status, success_substring)
  VALUES (
    NEW.id, NEW.team_id, NEW.state = 'active', coalesce(NEW.source_id, 0), coalesce(NEW.campaign_id, 0),
    coalesce(NEW.partner_id, 0), NEW.method, NEW.url, lower(substring(NEW.url FROM '://(?:[^/?#@]*@)?([^/?#]+)')),
    NEW.body, NEW.content_type, NEW.headers,
    ARRAY(
      SELECT (array_position(ARRAY['unmapped', 'lead', 'sale', 'rejected', 'trash', 'rebill', 'custom'], word) - 1)
      FROM jsonb_array_elements_text(NEW.statuses) AS word),
    ARRAY(SELECT lower(word) FROM jsonb_array_elements_text(NEW.events) AS word),
    NEW.share_percent, NEW.payout_percent, NEW.success_status, NEW.success_substring)
  ON CONFLICT (template) DO UPDATE SET
    active = excluded.active, source = excluded.source, campaign = excluded.campaign, partner = excluded.partner,
    method = excluded.method, url = excluded.url, host = excluded.host, body = excluded.body,
    content_type = excluded.content_type, headers = excluded.headers, statuses = excluded.statuses,
    events = excluded.events, share_percent = excluded.share_percent, payout_percent = excluded.payout_percent,
    success_status = excluded.success_status, success_substring = excluded.success_substring,
    failures = 0, paused_until = NULL, paused_reason = NULL;
  IF NEW.state = 'deleted' THEN
    UPDATE events.outbox SET state = 'failed', finished_at = now() WHERE template = NEW.id AND state = 'queued';
  END IF;
  RETURN NULL;
END
$$;

CREATE TRIGGER known_outbound_templates AFTER INSERT OR UPDATE ON config.outbound_templates
  FOR EACH ROW EXECUTE FUNCTION config.copy_outbound_template();

UPDATE config.outbound_templates SET name = name;

DROP INDEX events.outbox_queued;
CREATE INDEX outbox_queued ON events.outbox (template, next_at) WHERE state = 'queued';
CREATE INDEX outbox_team ON events.outbox (team, id);

COMMENT ON COLUMN events.outbox.next_at IS 'when it may be sent; while a sender owns it, when its lease ends';
COMMENT ON COLUMN events.outbox.payload IS 'macro to value, as they were when the conversion got this status';

ALTER TABLE events.outbox_attempts ADD COLUMN body text;

CREATE FUNCTION events.forget_outbox(before timestamptz, max_rows integer DEFAULT 1000) RETURNS bigint
  LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog
AS $$
  WITH oldest AS (SELECT id, created_at, state FROM events.outbox ORDER BY id LIMIT max_rows),
  forgotten AS (
    DELETE FROM events.outbox
    WHERE id IN (SELECT id FROM oldest WHERE created_at < before AND state <> 'queued')
    RETURNING 1
  )
  SELECT count(*) FROM forgotten
$$;

COMMENT ON FUNCTION events.forget_outbox IS 'deletes finished entries that are older, and their attempts; returns how many';

REVOKE EXECUTE ON FUNCTION events.forget_outbox FROM PUBLIC;
GRANT EXECUTE ON FUNCTION events.forget_outbox TO tributary_ingestor;
GRANT SELECT ON events.known_outbound_templates TO tributary_admin, tributary_ingestor;
GRANT UPDATE (failures, paused_until, paused_reason) ON events.known_outbound_templates
  TO tributary_admin, tributary_ingestor;

ALTER TABLE events.known_outbound_templates ENABLE ROW LEVEL SECURITY;
ALTER TABLE events.known_outbound_templates FORCE ROW LEVEL SECURITY;
CREATE POLICY team ON events.known_outbound_templates
  USING ((SELECT events.sees_every_team()) OR team = (SELECT events.current_team()));
CREATE POLICY maintenance ON events.known_outbound_templates TO tributary_owner USING (true);
