-- Marks a refresh token as used. No row if it was used before. Called by store::admins::sessions.
update admin_refresh_tokens
set used_at = $2
where digest = $1 and used_at is null
returning digest;
