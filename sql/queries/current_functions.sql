-- The record of the functions that the database has. No row: none was applied yet. Called by
-- store::schema::compatibility and store::schema::functions.
select
    version,
    checksum,
    release,
    least_release
from schema_functions
order by id desc
limit 1;
