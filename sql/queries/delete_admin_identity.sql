-- Unbinds the identity of an administrator. Called by store::admins::identities.
delete from admin_identities
where admin_id = $1;
