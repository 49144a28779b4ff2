-- Locks the administrators that decide about a change, in the order of their ids: the actor, the one to
-- change, and all enabled operators if the change may disable an operator. Called by
-- store::admins::changes.
select
    id,
    email,
    company_id,
    created_at,
    disabled_at,
    password_hash,
    invitation_digest,
    invitation_expires_at,
    password_hash is not null
    or exists (
        select from admin_identities
        where admin_identities.admin_id = admins.id
    ) as can_sign_in,
    exists(
        select from audit_events
        where audit_events.actor = 'admin:' || admins.id
    ) as has_acted
from admins
where
    id in (
        select unnest($1::bigint[])
        union all
        select operators.id
        from admins as operators
        where
            $2
            and operators.company_id is null
            and operators.disabled_at is null
    )
order by id
for update of admins;
