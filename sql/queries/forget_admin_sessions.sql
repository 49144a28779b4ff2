-- Deletes expired sessions and their tokens. Called by store::admins::sign_ins.
delete from admin_sessions
where expires_at < $1;
