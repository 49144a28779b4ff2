-- The session and the administrator of a refresh token. Locks the session, so that of two concurrent uses
-- of a token one is the second. Called by store::admins::sessions.
select
    session.id as session_id,
    session.admin_id,
    session.expires_at,
    session.ended_at,
    admin.company_id,
    admin.disabled_at
from admin_refresh_tokens as token
inner join admin_sessions as session on session.id = token.session_id
inner join admins as admin on admin.id = session.admin_id
where token.digest = $1
for update of session;
