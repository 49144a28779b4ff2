-- Fails if an administrator is disabled, and prevents that until the change is committed. Called by
-- store::audit.
select require_active_admin($1);
