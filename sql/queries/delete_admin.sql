-- Deletes an administrator who never accepted the invitation. Called by store::admins::accounts.
delete from admins
where id = $1;
