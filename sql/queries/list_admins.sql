-- A page of administrators, of one company or of all, the oldest first. Called by store::admins::accounts.
select
    id,
    email,
    company_id,
    created_at,
    disabled_at,
    password_hash,
    invitation_expires_at
from admins
where ($1::bigint is null or company_id = $1) and id > $2
order by id
limit $3;
