-- Stores a new hash of the same password, unless the password was changed in the meantime. Called by
-- store::admins::sign_ins.
update admins
set password_hash = $3
where id = $1 and password_hash = $2
returning id;
