-- Called by functions/update_contact and functions/upsert_contact.
--
-- Assignments and no queries where they are enough, because each new contact comes by here.
create or replace function share_identifiers(
    of_company_id bigint, email text, phone text, old_email text, old_phone text
) returns boolean
language plpgsql as $$
declare
    email_lock constant bigint := identifier_lock(of_company_id, email);
    phone_lock constant bigint := identifier_lock(of_company_id, phone);
    locks bigint [];
    is_held boolean;
begin
    -- In the order of the locks, like lock_identifiers. A new contact has no old identifiers.
    if old_email is null and old_phone is null then
        is_held := pg_advisory_xact_lock_shared(least(email_lock, phone_lock)) is not null;
        if email_lock <> phone_lock then
            is_held := pg_advisory_xact_lock_shared(greatest(email_lock, phone_lock)) is not null;
        end if;
        return is_held;
    end if;

    locks := array(
        select distinct identifier_lock(of_company_id, involved.identifier) as key
        from unnest(array[email, phone, old_email, old_phone]) as involved (identifier)
        where involved.identifier is not null
        order by key
    );
    for place in 1..cardinality(locks) loop
        is_held := pg_advisory_xact_lock_shared(locks[place]) is not null;
    end loop;
    return is_held;
end;
$$;
comment on function share_identifiers(bigint, text, text, text, text) is
'Holds up erasures of anybody with one of these identifiers until the end of the transaction, and '
'waits for those that are under way.';
