-- A past period is attributed again by the present rules: first beside what is stored, then in one transaction in its place.

SET LOCAL ROLE tributary_owner;

CREATE TABLE events.reattributions (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  requested_at    timestamptz NOT NULL DEFAULT now(),
  requested_by    uuid,
  team            uuid NOT NULL,
  advertiser      integer,
  campaign        integer,
  since           timestamptz NOT NULL,
  until           timestamptz NOT NULL,
  state           text NOT NULL DEFAULT 'queued' CHECK (
    state IN ('queued', 'ready', 'applying', 'applied', 'outdated', 'dropping', 'dropped', 'failed')),
  total           bigint,
  looked_at       bigint NOT NULL DEFAULT 0,
  kept            bigint NOT NULL DEFAULT 0,
  next_advertiser integer NOT NULL DEFAULT 0,
  next_time       timestamptz NOT NULL DEFAULT '-infinity',
  next_event      uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
  ready_at        timestamptz,
  decided_by      uuid,
  finished_at     timestamptz,
  last_error      text,
  CHECK (until > since)
);

CREATE INDEX reattributions_open ON events.reattributions (id) WHERE state IN ('queued', 'applying', 'dropping');

COMMENT ON TABLE events.reattributions IS 'past periods whose events are attributed again by the present rules';
COMMENT ON COLUMN events.reattributions.advertiser IS 'null: all of the team';
COMMENT ON COLUMN events.reattributions.campaign IS 'events that it had or would have; null: all';
COMMENT ON COLUMN events.reattributions.state IS
  'queued: the ingestor works on the result. ready: it can be applied or dropped. outdated: it was not applied, because the data or the rules had changed';
COMMENT ON COLUMN events.reattributions.kept IS 'events that nothing can be said of, because their click is older than the retention';
COMMENT ON COLUMN events.reattributions.next_time IS 'with next_advertiser and next_event: the last event that was looked at';
COMMENT ON COLUMN events.reattributions.decided_by IS 'who applied or dropped it';

ALTER TABLE events.attribution_changes
  DROP CONSTRAINT attribution_changes_reason_check,
  ADD CONSTRAINT attribution_changes_reason_check CHECK (reason IN ('late_click', 'reattribution')),
  ADD COLUMN reattribution bigint REFERENCES events.reattributions,
  ADD COLUMN applied_at timestamptz,
  ADD COLUMN action text,
  ADD COLUMN value numeric(20, 6),
  ADD COLUMN currency text;

UPDATE events.attribution_changes SET applied_at = made_at;

CREATE INDEX attribution_changes_reattribution ON events.attribution_changes (reattribution, id)
  WHERE reattribution IS NOT NULL;

COMMENT ON TABLE events.attribution_changes IS
  'what an event was attributed to before, each time that this changed, and what a re-attribution would change';
COMMENT ON COLUMN events.attribution_changes.applied_at IS 'null: the row of the event does not have it';
COMMENT ON COLUMN events.attribution_changes.action IS 'of the event, as value and currency';

ALTER TABLE events.reattributions ENABLE ROW LEVEL SECURITY;
ALTER TABLE events.reattributions FORCE ROW LEVEL SECURITY;
CREATE POLICY team ON events.reattributions
  USING ((SELECT events.sees_every_team()) OR team = (SELECT events.current_team()));
CREATE POLICY maintenance ON events.reattributions TO tributary_owner USING (true);

GRANT SELECT, INSERT ON events.reattributions TO tributary_admin;
GRANT UPDATE (state, decided_by) ON events.reattributions TO tributary_admin;
GRANT SELECT, UPDATE ON events.reattributions TO tributary_ingestor;
GRANT UPDATE (applied_at) ON events.attribution_changes TO tributary_ingestor;
