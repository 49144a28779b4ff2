create role rubrica_owner login password 'development';
create role rubrica_service login password 'development';
create database rubrica owner rubrica_owner;
