-- What the schema is made of. Called by store::migrations and store::schema.
select
    version,
    checksum,
    least_release
from schema_migrations
order by version;
