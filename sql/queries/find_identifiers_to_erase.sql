-- The current and former identifiers of a contact and its duplicates. No row: there is no such contact.
-- Called by store::contacts::erasure and store::retention.
select identifier
from identifiers_to_erase($1, $2) as identified (identifier);
