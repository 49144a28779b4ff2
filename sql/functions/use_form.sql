-- Called by queries/use_form.
create or replace function use_form(p_admin bigint, p_form bytea, p_subject text, p_now timestamptz) returns void
language plpgsql as $$
begin
    -- No session, and so no form, is older than 30 days.
    delete from used_forms
    where admin_id = p_admin and used_at < p_now - interval '31 days';

    -- Waits for a transaction that uses the same form, on whichever replica, until it has ended.
    insert into used_forms (admin_id, form_id, subject, used_at)
    values (p_admin, p_form, p_subject, p_now)
    on conflict do nothing;
    if not found then
        raise exception 'this form was used before' using errcode = 'RU001';
    end if;
end;
$$;
comment on function use_form(bigint, bytea, text, timestamptz) is
'Uses up a form of the console in the transaction of what the form does. Refuses (RU001) a form that '
'was used before, so that nothing is done twice.';
