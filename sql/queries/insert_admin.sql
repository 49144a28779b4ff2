-- Creates an administrator; no row if the e-mail address is taken. Called by store::admins.
insert into admins (email, password_hash, company_id)
values ($1, $2, $3)
on conflict (email) do nothing
returning id;
