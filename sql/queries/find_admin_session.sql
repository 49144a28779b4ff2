-- The administrator of a valid session. Called by store::admins::sessions.
select
    admin.id,
    admin.email,
    admin.company_id,
    company.suspended_at is not null as is_suspended
from admin_sessions as session
inner join admins as admin on admin.id = session.admin_id
left join companies as company on company.id = admin.company_id
where
    session.id = $1
    and session.admin_id = $2
    and session.expires_at > $3
    and session.ended_at is null
    and admin.disabled_at is null;
