create table organisations (
    id uuid primary key,
    code text collate "C" not null unique,
    name text not null,
    folded text collate "C" not null, -- the name as searches compare it
    kind smallint not null,
    territory text collate "C" not null,
    parent_code text collate "C" not null, -- '' for a root
    industry text not null,
    credit_code text not null,
    responds_to text[] not null,
    updated_at timestamptz not null,
    version bigint not null
);
create index organisations_territory on organisations (territory, code);
create index organisations_kind on organisations (kind, territory);
create index organisations_parent on organisations (parent_code, code);
-- Few belong to an industry line, and few come to whistles.
create index organisations_industry on organisations (industry, code) where industry <> '';
create index organisations_responders on organisations (territory) where responds_to <> '{}';
