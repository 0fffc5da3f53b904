-- Generation and history of the configuration.
--
-- The first change of a transaction increments config.generation and so locks its one row until commit: generation N
-- contains exactly the changes up to N. Nobody can forget it, because triggers of the compiled tables do it.

SET LOCAL ROLE tributary_owner;

CREATE TABLE config.generation (
  only_row   boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  epoch      integer NOT NULL DEFAULT 1 CHECK (epoch > 0),
  counter    bigint NOT NULL DEFAULT 0 CHECK (counter >= 0),
  changed_in xid8,
  changed_at timestamptz NOT NULL DEFAULT now()
);

INSERT INTO config.generation DEFAULT VALUES;

COMMENT ON TABLE config.generation IS 'the generation of the configuration: one row (epoch, counter)';
COMMENT ON COLUMN config.generation.epoch IS 'incremented by config.start_epoch() after a restore, so that edges take an older counter';
COMMENT ON COLUMN config.generation.changed_in IS 'transaction that incremented it last: one increment per transaction';

CREATE TABLE config.history (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  entity     text NOT NULL,
  key        text NOT NULL,
  epoch      integer NOT NULL,
  gen_from   bigint NOT NULL,
  gen_to     bigint,
  changed_at timestamptz NOT NULL DEFAULT now(),
  changed_by uuid,
  content    jsonb NOT NULL,
  CHECK (gen_to >= gen_from)
);

CREATE INDEX history_entity_key ON config.history (entity, key, gen_from);
CREATE UNIQUE INDEX history_open ON config.history (entity, key) WHERE gen_to IS NULL;

COMMENT ON TABLE config.history IS 'every version of every compiled row, so that a kept generation can be compiled again';
COMMENT ON COLUMN config.history.entity IS 'table in config';
COMMENT ON COLUMN config.history.key IS 'primary key, parts joined by a slash';
COMMENT ON COLUMN config.history.gen_from IS 'first generation that contains this version';
COMMENT ON COLUMN config.history.gen_to IS 'first generation that does not contain it any more; null: still current';

CREATE FUNCTION config.advance_generation() RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
DECLARE
  current_counter bigint;
BEGIN
  UPDATE config.generation
  SET counter = counter + 1, changed_in = pg_current_xact_id(), changed_at = now()
  WHERE changed_in IS DISTINCT FROM pg_current_xact_id()
  RETURNING counter INTO current_counter;

  IF FOUND THEN
    PERFORM pg_notify('tributary_generation', current_counter::text);
  ELSE
    SELECT counter INTO current_counter FROM config.generation;
  END IF;
  RETURN current_counter;
END
$$;

COMMENT ON FUNCTION config.advance_generation() IS
  'increments the generation once per transaction and holds its lock; notifies channel tributary_generation at commit';

CREATE FUNCTION config.start_epoch() RETURNS integer
  LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog
AS $$
  UPDATE config.generation
  SET epoch = epoch + 1, changed_in = NULL, changed_at = now()
  RETURNING epoch
$$;

COMMENT ON FUNCTION config.start_epoch() IS 'after a restore, once an operator has confirmed that the edges shall follow this database';

CREATE FUNCTION config.advance_generation_trigger() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
BEGIN
  PERFORM config.advance_generation();
  RETURN NULL;
END
$$;

-- Arguments: the columns of the primary key.
CREATE FUNCTION config.record_history() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
DECLARE
  content jsonb := to_jsonb(CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END);
  row_key text := (SELECT string_agg(content ->> part, '/' ORDER BY place)
                   FROM unnest(TG_ARGV) WITH ORDINALITY AS parts (part, place));
  now_at  config.generation;
BEGIN
  SELECT * INTO now_at FROM config.generation;

  UPDATE config.history
  SET gen_to = now_at.counter
  WHERE entity = TG_TABLE_NAME AND key = row_key AND gen_to IS NULL;

  IF TG_OP <> 'DELETE' THEN
    INSERT INTO config.history (entity, key, epoch, gen_from, changed_by, content)
    VALUES (TG_TABLE_NAME, row_key, now_at.epoch, now_at.counter, config.current_user_id(), content);
  END IF;
  RETURN NULL;
END
$$;

CREATE FUNCTION config.touch() RETURNS trigger
  LANGUAGE plpgsql SET search_path = pg_catalog
AS $$
BEGIN
  NEW.version := OLD.version + 1;
  NEW.updated_at := now();
  RETURN NEW;
END
$$;

COMMENT ON FUNCTION config.touch() IS 'keeps version (the ETag of the API) and updated_at';

-- Small checks that several tables share.
CREATE DOMAIN config.currency AS text CHECK (value ~ '^[A-Z]{3}$');
COMMENT ON DOMAIN config.currency IS 'ISO 4217 code';

CREATE DOMAIN config.money AS numeric(20, 6);
COMMENT ON DOMAIN config.money IS 'amount with micro-units; its currency stands beside it';

CREATE DOMAIN config.target_url AS text
  CHECK (value ~* '^https?://[^/?#[:space:][:cntrl:]]+' AND value !~ '[[:cntrl:]]' AND octet_length(value) <= 8192);
COMMENT ON DOMAIN config.target_url IS 'URL template that begins with http:// or https://; may hold macros';

CREATE FUNCTION config.is_time_zone(zone text) RETURNS boolean
  LANGUAGE plpgsql STABLE SET search_path = pg_catalog
AS $$
BEGIN
  PERFORM now() AT TIME ZONE zone;
  RETURN zone ~ '^[A-Za-z]';
EXCEPTION
  WHEN invalid_parameter_value THEN RETURN false;
END
$$;

CREATE DOMAIN config.time_zone AS text CHECK (config.is_time_zone(value));
COMMENT ON DOMAIN config.time_zone IS 'IANA name, for example Asia/Almaty';

CREATE FUNCTION config.bucket_minutes(zone text) RETURNS smallint
  LANGUAGE sql STABLE SET search_path = pg_catalog
AS $$
  SELECT CASE extract(minute FROM now() AT TIME ZONE zone - now() AT TIME ZONE 'UTC')::integer
    WHEN 0 THEN 60
    WHEN 30 THEN 30
    WHEN -30 THEN 30
    ELSE 15
  END::smallint
$$;

COMMENT ON FUNCTION config.bucket_minutes(text) IS 'width of the rollup buckets a zone needs so that its days begin at a bucket';

GRANT SELECT ON config.generation TO tributary_admin;
GRANT SELECT ON config.history TO tributary_admin;
REVOKE EXECUTE ON FUNCTION config.advance_generation(), config.start_epoch() FROM public;
GRANT EXECUTE ON FUNCTION config.advance_generation(), config.start_epoch() TO tributary_admin;
