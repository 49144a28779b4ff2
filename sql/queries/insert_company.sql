-- Creates a company. Called by store::companies.
insert into companies (name)
values ($1)
returning id;
