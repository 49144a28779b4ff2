-- Deletes the suppressions of all erased contacts that had this identifier, for all their identifiers, and
-- returns the ids of those contacts. Called by store::contacts::erasure.
with lifted as (
    delete from suppressions
    where
        company_id = $1
        and erased_contact_id in (
            select same.erased_contact_id
            from suppressions as same
            where
                same.company_id = $1
                and same.digest = any($2)
        )
    returning erased_contact_id
),

untied as (
    delete from suppressed_contacts
    where
        company_id = $1
        and erased_contact_id in (select lifted.erased_contact_id from lifted)
)

select distinct erased_contact_id
from lifted
order by erased_contact_id;
