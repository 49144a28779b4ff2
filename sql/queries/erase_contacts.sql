-- Erases a contact and its duplicates. Called by store::contacts::erasure.
select is_erased
from erase_contacts($1, $2, $3, $4, $5, $6, $7) as erasure (is_erased);
