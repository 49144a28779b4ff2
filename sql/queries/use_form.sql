-- Marks a form of the console as used. Called by store::used_forms.
select use_form($1, $2, $3, $4);
