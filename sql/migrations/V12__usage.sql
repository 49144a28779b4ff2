-- Keys that take the place of others.

alter table api_keys
add column replaced_by text collate "C" references api_keys (client_id);
comment on column api_keys.replaced_by is
    'The key that was made in this one''s place; null: it was not rotated.';
