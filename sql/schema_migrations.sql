-- The record of `rubrica migrate`, made by it before the first migration.
create table if not exists schema_migrations (
    version integer primary key,
    name text not null,
    checksum text not null,
    least_release text,
    applied_at timestamptz not null default now()
);
comment on table schema_migrations is 'Which files of sql/migrations were applied, and when.';
comment on column schema_migrations.least_release is
    'The oldest release of the service that can live with this migration; null: all can.';
