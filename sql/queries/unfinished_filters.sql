-- The filters of all companies that have to be built or dropped.
-- Called by store::custom_fields::filters.
select
    company_id,
    id
from custom_field_definitions
where filter in ('building', 'dropping')
order by company_id, id
limit 100;
