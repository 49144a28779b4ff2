-- Erases a contact and its twins, which are held. Called by store::erasure.
select erase_contacts($1, $2, $3, $4, $5, $6, $7, $8, $9);
