-- Fails if an administrator was disabled, and keeps them active until the change is committed. Called by
-- store::audit.
select require_active_admin($1);
