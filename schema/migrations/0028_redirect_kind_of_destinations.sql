-- A destination may fix how visitors get to it.

SET LOCAL ROLE tributary_owner;

ALTER TABLE config.destinations
  ADD COLUMN redirect_kind text
    CHECK (redirect_kind IN ('http', 'meta', 'javascript', 'hide_referrer', 'json')),
  ADD COLUMN redirect_status smallint NOT NULL DEFAULT 302 CHECK (redirect_status IN (301, 302, 303, 307));

COMMENT ON COLUMN config.destinations.redirect_kind IS 'how visitors get there; null: as the stream says';
COMMENT ON COLUMN config.destinations.redirect_status IS 'of redirect_kind http';
