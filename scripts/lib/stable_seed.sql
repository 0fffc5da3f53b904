-- Makes what the demo inserted the same in every run: fixed times, and team ids that follow from the name.
SET session_replication_role = replica;

DO $$
DECLARE
  place record;
  team  record;
BEGIN
  FOR place IN
    SELECT table_name, column_name
    FROM information_schema.columns
    JOIN information_schema.tables USING (table_schema, table_name)
    WHERE table_schema = 'config' AND table_type = 'BASE TABLE'
      AND column_name IN ('created_at', 'updated_at', 'assigned_at')
  LOOP
    EXECUTE format('UPDATE config.%I SET %I = %L', place.table_name, place.column_name, '2026-01-01 00:00:00+00');
  END LOOP;

  FOR team IN SELECT id, md5('demo team ' || name)::uuid AS stable_id FROM config.teams LOOP
    FOR place IN
      SELECT table_name
      FROM information_schema.columns
      JOIN information_schema.tables USING (table_schema, table_name)
      WHERE table_schema = 'config' AND table_type = 'BASE TABLE' AND column_name = 'team_id'
    LOOP
      EXECUTE format('UPDATE config.%I SET team_id = $1 WHERE team_id = $2', place.table_name)
        USING team.stable_id, team.id;
    END LOOP;
    UPDATE config.teams SET id = team.stable_id WHERE id = team.id;
  END LOOP;
END
$$;
