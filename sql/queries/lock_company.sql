-- Locks one company until a change and its audit event are committed. Called by store::admins::accounts,
-- store::api_keys::keys and store::companies.
select id
from companies
where id = $1
for update;
