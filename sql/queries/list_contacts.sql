-- A page of contacts in the order of their ids. Called by store::contacts::reads, which replaces the
-- marked line by conditions. These are constants, so that partial indexes can serve them.
-- $1: the company; $2: the id after which the page begins; $3: the maximum number of contacts; $4: the
-- page ends with the contact whose custom fields exceed this number of bytes in total. Reads one contact
-- at a time, because the text of a large contact is expensive, and none is needed after the page.
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
            from contacts
            where
                contacts.company_id = $1
                and contacts.id > page.id
                -- The condition of the partial indexes.
                and contacts.id > 0
            -- further conditions
            order by contacts.id
            limit 1
        ) as next
    where
        page.place < $3
        and page.bytes_before + octet_length(page.custom_fields) < $4
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
