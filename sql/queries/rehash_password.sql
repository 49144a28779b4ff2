-- Stores the same password hashed anew, unless it was changed meanwhile. Called by
-- store::admins::sign_ins.
update admins
set password_hash = $3
where id = $1 and password_hash = $2
returning id;
