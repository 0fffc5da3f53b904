-- What is known of a visitor beside the request: where the address is, what the user agent says. The edge says by which place
-- it decided; what it did not need the ingestor fills in from the same data files. Null means that nothing is known.

SET LOCAL ROLE tributary_owner;

ALTER TABLE events.clicks
  ADD COLUMN continent       text,
  ADD COLUMN isp             text,
  ADD COLUMN asn             bigint,
  ADD COLUMN connection      text,
  ADD COLUMN brand           text,
  ADD COLUMN model           text,
  ADD COLUMN os_version      text,
  ADD COLUMN browser_version text,
  ADD COLUMN bot             boolean;

ALTER TABLE events.trafficbacks
  ADD COLUMN country         text,
  ADD COLUMN continent       text,
  ADD COLUMN region          text,
  ADD COLUMN city            text,
  ADD COLUMN isp             text,
  ADD COLUMN asn             bigint,
  ADD COLUMN connection      text,
  ADD COLUMN device          text,
  ADD COLUMN brand           text,
  ADD COLUMN model           text,
  ADD COLUMN os              text,
  ADD COLUMN os_version      text,
  ADD COLUMN browser         text,
  ADD COLUMN browser_version text,
  ADD COLUMN bot             boolean;

COMMENT ON COLUMN events.clicks.address IS
  'as the edge wrote it: whole, truncated to its network, or a keyed hash in fd00::/8';
COMMENT ON COLUMN events.clicks.country IS 'ISO 3166-1 alpha-2';
COMMENT ON COLUMN events.clicks.region IS 'ISO 3166-2 without the country, or a name where the data has no code';
COMMENT ON COLUMN events.clicks.isp IS 'who runs the network';
COMMENT ON COLUMN events.clicks.asn IS 'number of the autonomous system';
COMMENT ON COLUMN events.clicks.connection IS 'as the data says it: Cellular, Corporate, Cable/DSL ...';
COMMENT ON COLUMN events.clicks.device IS 'desktop, phone, tablet, tv, console or wearable';
COMMENT ON COLUMN events.clicks.bot IS 'the user agent is that of a bot, or the edge labelled it so; null when nobody could tell';
COMMENT ON COLUMN events.trafficbacks.bot IS 'country to bot: as in clicks';
