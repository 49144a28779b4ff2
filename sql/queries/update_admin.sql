-- Updates an administrator. Called by store::admins::changes.
update admins
set password_hash = $2, disabled_at = $3, invitation_digest = $4, invitation_expires_at = $5
where id = $1;
