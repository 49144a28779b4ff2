-- Who an administrator is for an issuer. Called by store::admin_identities.
select issuer, subject
from admin_identities
where admin_id = $1;
