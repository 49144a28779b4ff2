-- Called by queries/require_active_admin.
--
-- Disabling an administrator locks the row, and a change that they make waits for that lock, so that one of
-- the two comes first.
create or replace function require_active_admin(admin_id bigint) returns void
language plpgsql as $$
begin
    perform from admins
    where admins.id = admin_id and admins.disabled_at is null
    for share;
    if not found then
        raise exception 'the administrator was disabled meanwhile' using errcode = 'RB001';
    end if;
end;
$$;
comment on function require_active_admin(bigint) is
'Fails with SQLSTATE RB001 unless the administrator is active, and keeps them so until the end of the transaction.';
