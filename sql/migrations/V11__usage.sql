-- Keys that take the place of others, and what keys are used for.

alter table api_keys
add column replaced_by text collate "C" references api_keys (client_id);
comment on column api_keys.replaced_by is
    'The key that was made in this one''s place; null: it was not rotated.';

-- No foreign keys from here on: each insert would lock the key's row, which administrators change,
-- and the client id comes from an authenticated key alone. The rows of an hour are updated many
-- times, all of a page at once, and no index holds what changes: half of each page is left free, so
-- that the updates are HOT. With less room they are not, and the tables grow larger than with it.
create table api_key_usage (
    company_id bigint not null,
    client_id text collate "C" not null,
    hour timestamptz not null,
    requests bigint not null,
    refused bigint not null,
    client_errors bigint not null,
    server_errors bigint not null,
    primary key (company_id, client_id, hour)
)
with (fillfactor = 50);
comment on table api_key_usage is
    'Requests of API keys by the hour (UTC) in which they were answered, all replicas together.';
comment on column api_key_usage.refused is 'Of the requests, those beyond the key''s limit: 429.';
comment on column api_key_usage.client_errors is 'Of the requests, those with any other answer of 4xx.';
comment on column api_key_usage.server_errors is 'Of the requests, those that were answered with 5xx.';

-- Not a column of api_keys: a new version of that wide row, which each look-up of a key reads, twice
-- a minute and replica; and writers would wait for administrators, who hold its lock, and they for
-- them. Not the latest hour of api_key_usage either: that is deleted one day.
create table api_key_last_used (
    company_id bigint not null,
    client_id text collate "C" not null,
    last_used_at timestamptz not null,
    primary key (company_id, client_id)
)
with (fillfactor = 50);
comment on table api_key_last_used is
    'When each API key was last used; a key without a row never was.';

create table usage_flushes (
    process_id bigint primary key,
    sequence bigint not null,
    flushed_at timestamptz not null
)
with (fillfactor = 50);
comment on table usage_flushes is
    'The last flush of each serving process into api_key_usage: none is added twice, even if the answer to its COMMIT was lost.';
comment on column usage_flushes.process_id is 'A random number that a process takes when it starts.';
