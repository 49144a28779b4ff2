-- Creates an administrator with a password or an invitation. No row if the e-mail address is taken.
-- Called by store::admins::accounts.
insert into admins (email, password_hash, company_id, invitation_digest, invitation_expires_at)
values ($1, $2, $3, $4, $5)
on conflict (email) do nothing
returning id, email, company_id, created_at, disabled_at, password_hash, invitation_expires_at;
