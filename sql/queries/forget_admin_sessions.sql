-- Forgets sessions that ended by themselves, with their tokens. Called by store::admin_sessions.
delete from admin_sessions
where expires_at < $1;
