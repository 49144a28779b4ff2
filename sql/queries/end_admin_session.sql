-- Ends one session. Called by store::admins::sessions.
update admin_sessions
set ended_at = $2
where id = $1 and ended_at is null;
