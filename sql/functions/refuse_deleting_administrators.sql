-- Called by the trigger admins_with_password_stay.
create or replace function refuse_deleting_administrators() returns trigger language plpgsql as $$
begin
    raise exception 'an administrator who has a password cannot be deleted: disable them'
    using errcode = 'insufficient_privilege';
end;
$$;
comment on function refuse_deleting_administrators() is
'Keeps administrators who set a password, so that the audit log names a person.';
