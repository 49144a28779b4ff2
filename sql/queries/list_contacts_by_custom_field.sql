-- A page of contacts with a value in a filterable custom field, in the order of their ids.
-- Called by store::custom_fields::filters. $1 to $3 and $11 are $1 to $4 of list_contacts, which explains why
-- it reads one contact at a time. $4: the definition; $5: the value; $6 and $7: further ones; $8: only deleted
-- contacts (true), only active ones (false), or both (null); $9 and $10: their consents, or null for any.
with recursive page as (
    (
        select
            $2::bigint as id,
            null::text collate "C" as email,
            null::text collate "C" as phone,
            ''::text as custom_fields,
            null::boolean as consent_email,
            null::boolean as consent_whatsapp,
            null::timestamptz as created_at,
            null::timestamptz as updated_at,
            null::timestamptz as deleted_at,
            0::bigint as place,
            0::bigint as bytes_before
    )
    union all
    select
        next.*,
        page.place + 1,
        page.bytes_before + octet_length(page.custom_fields)
    from page
    cross join
        lateral (
            select
                contacts.id,
                contacts.email,
                contacts.phone,
                contacts.custom_fields::text as custom_fields,
                contacts.consent_email,
                contacts.consent_whatsapp,
                contacts.created_at,
                contacts.updated_at,
                contacts.deleted_at
            from filterable_values as holders
            inner join contacts
                on
                    holders.company_id = contacts.company_id
                    and holders.contact_id = contacts.id
            where
                holders.company_id = $1
                and holders.definition_id = $4
                and holders.digest = custom_field_digest($5)
                and holders.contact_id > page.id
                and ($8::boolean is null or (contacts.deleted_at is not null) = $8)
                and ($9::boolean is null or contacts.consent_email = $9)
                and ($10::boolean is null or contacts.consent_whatsapp = $10)
                and (
                    cardinality($6::bigint[]) = 0
                    or cardinality($6) = (
                        select count(*)
                        from unnest($6, $7::jsonb[]) as wanted (definition_id, value)
                        inner join filterable_values as held
                            on
                                held.company_id = $1
                                and held.definition_id = wanted.definition_id
                                and held.digest = custom_field_digest(wanted.value)
                                and held.contact_id = holders.contact_id
                    )
                )
            order by holders.contact_id
            limit 1
        ) as next
    where
        page.place < $3
        and page.bytes_before + octet_length(page.custom_fields) < $11
)

select
    id,
    email,
    phone,
    custom_fields,
    consent_email,
    consent_whatsapp,
    created_at,
    updated_at,
    deleted_at
from page
where place > 0
order by place;
