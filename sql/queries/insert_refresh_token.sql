-- Issues a refresh token. Called by store::admin_sessions, store::sign_ins.
insert into admin_refresh_tokens (digest, session_id, issued_at)
values ($1, $2, $3);
