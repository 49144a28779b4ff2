-- Uses up a form of the console. Called by store::used_forms.
select use_form($1, $2, $3, $4);
