-- The identity of an administrator at an issuer. Called by store::admins::identities.
select subject
from admin_identities
where admin_id = $1 and issuer = $2;
