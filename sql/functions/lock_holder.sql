-- Called by functions/upsert_contact.
create or replace function lock_holder(for_company_id bigint, of_email text, of_phone text)
returns bigint
language plpgsql as $$
declare
    holder_id bigint;
begin
    -- Two statements, so that each is a lookup in the unique index of its identifier.
    if of_email is not null then
        select holder.id into holder_id
        from contacts as holder
        where holder.company_id = for_company_id
            and holder.email = of_email
            and holder.deleted_at is null
        for no key update;
    else
        select holder.id into holder_id
        from contacts as holder
        where holder.company_id = for_company_id
            and holder.phone = of_phone
            and holder.deleted_at is null
        for no key update;
    end if;
    return holder_id;
end;
$$;
comment on function lock_holder(bigint, text, text) is
'The live contact that has this e-mail address or, if that is null, this phone. Its row is locked '
'until the end of the transaction. Null: no contact has it.';
