-- Caps look clicks up by their destination: those without an end through every partition, of which none can be left out.

SET LOCAL ROLE tributary_owner;

CREATE INDEX clicks_destination ON events.clicks (destination);
