create table estates (
    id uuid primary key,
    code text collate "C" not null,
    city text collate "C" not null generated always as (left(territory, 4)) stored, -- a code is a city's own
    name text not null,
    territory text collate "C" not null,
    boundary bytea not null, -- WKB, WGS-84
    mode smallint not null,
    company_id uuid,
    company_name text not null,
    households int not null,
    updated_at timestamptz not null,
    version bigint not null,
    unique (city, code)
);
-- Indicators and narrow lists.
create index estates_territory on estates (territory);
-- Lists: by code.
create index estates_code on estates (code, id);
