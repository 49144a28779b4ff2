-- The administrator of a valid session, by its refresh token, and whether that was used before. Called by
-- store::admins::sessions.
select
    admin.id,
    admin.email,
    admin.company_id,
    company.suspended_at is not null as is_suspended,
    token.used_at is not null as is_used
from admin_refresh_tokens as token
inner join admin_sessions as session on session.id = token.session_id
inner join admins as admin on admin.id = session.admin_id
left join companies as company on company.id = admin.company_id
where
    token.digest = $1
    and session.expires_at > $2
    and session.ended_at is null
    and admin.disabled_at is null;
