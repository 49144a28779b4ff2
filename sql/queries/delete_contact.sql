-- Soft-deletes one live contact, if it is in one of the expected versions (null: in any). Called by
-- store::contact_writes.
update contacts
set
    deleted_at = clock_timestamp(),
    updated_at = greatest(clock_timestamp(), updated_at + interval '1 microsecond')
where
    company_id = $1
    and id = $2
    and deleted_at is null
    and ($3::timestamptz [] is null or updated_at = any($3))
returning id;
