-- Ends all sessions of an administrator. Called by store::admins::changes.
update admin_sessions
set ended_at = $2
where admin_id = $1 and ended_at is null;
