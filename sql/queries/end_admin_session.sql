-- Ends one session. Called by store::admin_sessions.
update admin_sessions
set ended_at = $2
where id = $1 and ended_at is null;
