-- The record of the functions in sql/functions, which `rubrica migrate` applies after the migrations, on
-- behalf of `store::schema::functions`.

create table schema_functions (
    id bigint generated always as identity primary key,
    version integer not null,
    checksum text not null,
    release text not null,
    least_release text,
    applied_at timestamptz not null default now()
);
comment on table schema_functions is
    'Which texts of sql/functions were applied, and when. The row with the highest id is the current one.';
comment on column schema_functions.version is
    'The number in sql/functions/VERSION, which each change of a function raises.';
comment on column schema_functions.checksum is 'SHA-256 of all files, in hexadecimal.';
comment on column schema_functions.release is
    'The release whose files they are. An older release does not replace them.';
comment on column schema_functions.least_release is
    'The oldest release of the service that can live with these functions; null: all can.';
