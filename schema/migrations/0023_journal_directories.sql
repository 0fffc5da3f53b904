-- A journal that is not finished and whose files are in no listing of its directory any more has lost records: without
-- the directory it could as well lie on another host.

SET LOCAL ROLE tributary_owner;

ALTER TABLE events.journals ADD COLUMN directory uuid;
CREATE INDEX journals_unfinished ON events.journals (directory) WHERE finished_at IS NULL;

COMMENT ON COLUMN events.journals.directory IS 'of its files: the id in .directory-id there, as of the last claim';
COMMENT ON COLUMN events.journals.finished_at IS
  'set when the journal was read to its end and stored, before its files may go, or when its files are gone';
