-- Functions that no release calls any more, which a migration or an earlier release created.
--
-- Run before the functions are created, in the same transaction. A line stays as long as a migration creates
-- its function. If a supported release still calls the function, this file names the oldest one that does not:
-- `-- least-release: 0.4.0` at the start of a line.
drop function if exists upsert_contact(
    bigint, text, text, text, jsonb, boolean, boolean, boolean
);
drop function if exists update_contact(
    bigint, text, bigint, timestamptz[], boolean, boolean, text, boolean, text, jsonb, boolean,
    boolean
);
