-- The applied migrations. Called by store::schema::compatibility and store::schema::migrate.
select
    version,
    checksum,
    least_release
from schema_migrations
order by version;
