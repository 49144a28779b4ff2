-- Creates a session. Called by store::admins::sign_ins.
insert into admin_sessions (admin_id, created_at, expires_at)
values ($1, $2, $3)
returning id;
