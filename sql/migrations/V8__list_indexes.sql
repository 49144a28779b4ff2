-- The indexes of V4 that serve the list, for the list alone. On a table that was never analysed,
-- the planner took them for an upsert's look-ups too, and read all contacts of the company: a new
-- deployment was slow until the first autovacuum. Only a statement that says `id > 0`, which is
-- always true, can use them now.

drop index contacts_live;
create index contacts_live on contacts (company_id, id)
where deleted_at is null and id > 0;
comment on index contacts_live is 'Serves pages of live contacts, past however many deleted ones.';

drop index contacts_deleted;
create index contacts_deleted on contacts (company_id, id)
where deleted_at is not null and id > 0;
comment on index contacts_deleted is 'Serves pages of soft-deleted contacts, past the live ones.';
