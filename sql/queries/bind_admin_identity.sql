-- Binds an administrator to an identity, unless they have another one, or somebody else has this one.
-- Called by store::admins::identities.
insert into admin_identities (admin_id, issuer, subject, bound_at)
values ($1, $2, $3, $4)
on conflict do nothing;
