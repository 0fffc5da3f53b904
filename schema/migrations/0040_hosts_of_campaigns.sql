-- A campaign on the domain of another team is never reached there, and would keep its name from the owner.

SET LOCAL ROLE tributary_owner;

CREATE FUNCTION config.names_foreign_domain(campaign integer) RETURNS boolean
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
AS $$
  SELECT EXISTS (
    SELECT
    FROM config.campaigns AS c
    JOIN config.domains AS d ON d.host = c.host AND d.team_id <> c.team_id
    WHERE c.id = campaign)
$$;

COMMENT ON FUNCTION config.names_foreign_domain(integer) IS 'whether the host of this campaign is a domain of another team';

REVOKE EXECUTE ON FUNCTION config.names_foreign_domain(integer) FROM public;
GRANT EXECUTE ON FUNCTION config.names_foreign_domain(integer) TO tributary_admin;
