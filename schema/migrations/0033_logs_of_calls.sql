-- The log of calls and the list of conversions are read newest first, by team, network, partner or transaction. Each
-- index grows at its right edge, so that ingestion hardly feels it.

SET LOCAL ROLE tributary_owner;

CREATE INDEX postbacks_log ON events.postbacks (time, journal, position);
CREATE INDEX postbacks_team ON events.postbacks (team, time);
CREATE INDEX postbacks_network ON events.postbacks (network, time);
CREATE INDEX postbacks_affiliate ON events.postbacks (affiliate, time) WHERE affiliate <> 0;
CREATE INDEX postbacks_quarantine ON events.postbacks (team, time) WHERE verdict >= 64;
CREATE INDEX postbacks_transaction ON events.postbacks (transaction) WHERE transaction IS NOT NULL;

DROP INDEX events.postbacks_time;

CREATE INDEX conversions_team ON events.conversions (team, first_received_at);
CREATE INDEX conversions_network ON events.conversions (network, first_received_at) WHERE network <> 0;
CREATE INDEX conversions_transaction ON events.conversions (transaction) WHERE transaction IS NOT NULL;

CREATE INDEX conversion_history_call ON events.conversion_history (journal, position);

COMMENT ON INDEX events.postbacks_log IS 'also what BRIN over time was for: counting a day again';
