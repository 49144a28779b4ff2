-- Records the functions that the same transaction applies. Called by store::schema::functions.
insert into schema_functions (version, checksum, release, least_release)
values ($1, $2, $3, $4);
