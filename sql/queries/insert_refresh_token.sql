-- Issues a refresh token. Called by store::admins::sessions, store::admins::sign_ins.
insert into admin_refresh_tokens (digest, session_id, issued_at)
values ($1, $2, $3);
