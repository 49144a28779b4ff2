-- All identifiers of a contact that is to be erased, and of its duplicates. Called by store::retention.
select identifier
from identifiers_to_erase($1, $2) as known (identifier);
