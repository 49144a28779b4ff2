-- Who an administrator is for an issuer. Called by store::admins::identities.
select subject
from admin_identities
where admin_id = $1 and issuer = $2;
