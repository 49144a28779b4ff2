-- One administrator, of one company or of any. Called by store::admins::accounts.
select
    id,
    email,
    company_id,
    created_at,
    disabled_at,
    password_hash,
    invitation_expires_at
from admins
where id = $1 and ($2::bigint is null or company_id = $2);
