-- Deletes an administrator who never accepted the invitation. Called by store::admin_removal.
delete from admins
where id = $1;
