-- Called by queries/upsert_contact_direct and `store::postgres::attempt`.
--
-- A write that a network or a frozen process held back is not made after its caller got an error: newer
-- writes may have been made since.
create or replace function refuse_after(p_not_after timestamptz) returns void
language plpgsql volatile as $$
begin
    if clock_timestamp() > p_not_after then
        raise exception 'this write comes too late' using errcode = 'RB002';
    end if;
end;
$$;
comment on function refuse_after(timestamptz) is
'Refuses (RB002) a write after the timestamp at which its caller gives up. Called after the write, in '
'its transaction: by then it has waited for all its locks.';
