-- Headers that conditions have asked for, so that a recorded click can be decided again.

SET LOCAL ROLE tributary_owner;

ALTER TABLE events.clicks ADD COLUMN headers text;
ALTER TABLE events.trafficbacks ADD COLUMN headers text;

COMMENT ON COLUMN events.clicks.headers IS
  'headers that conditions of the campaign asked for and that were sent: a line "name: value" for each; null when there was none';
COMMENT ON COLUMN events.trafficbacks.headers IS 'as in clicks';
