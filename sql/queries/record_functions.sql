-- Records the text of the functions that is applied in the same transaction. Called by
-- store::schema::functions.
insert into schema_functions (version, checksum, release, least_release)
values ($1, $2, $3, $4);
