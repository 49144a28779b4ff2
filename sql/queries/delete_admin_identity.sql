-- Lets an administrator be bound anew. Called by store::admins::identities.
delete from admin_identities
where admin_id = $1;
