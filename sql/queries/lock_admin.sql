-- One administrator, of one company or of any, held until the change is written beside its audit
-- event. Called by store::admin_changes, store::sign_ins.
select
    id,
    email,
    company_id,
    created_at,
    disabled_at,
    password_hash,
    invitation_digest,
    invitation_expires_at
from admins
where id = $1 and ($2::bigint is null or company_id = $2)
for update;
