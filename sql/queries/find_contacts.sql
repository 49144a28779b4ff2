-- Active contacts of several companies, each by its id, e-mail address or phone.
-- Called by store::batching::lookups.
select
    asked.place,
    contact.id,
    contact.email,
    contact.phone,
    contact.custom_fields::text as custom_fields,
    contact.consent_email,
    contact.consent_whatsapp,
    contact.created_at,
    contact.updated_at,
    contact.deleted_at
from
    unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[])
    with ordinality as asked (company_id, id, email, phone, place)
cross join lateral (
    (
        select by_id.*
        from contacts as by_id
        where
            by_id.company_id = asked.company_id
            and by_id.id = asked.id
            and by_id.deleted_at is null
    )
    union all
    (
        select by_email.*
        from contacts as by_email
        where
            by_email.company_id = asked.company_id
            and by_email.email = asked.email
            and by_email.deleted_at is null
    )
    union all
    (
        select by_phone.*
        from contacts as by_phone
        where
            by_phone.company_id = asked.company_id
            and by_phone.phone = asked.phone
            and by_phone.deleted_at is null
    )
    -- `limit 1` makes each branch an index lookup, even without statistics about the table.
    limit 1
) as contact;
