create table grids (
    code text collate "C" primary key,
    name text not null,
    kind smallint not null,
    boundary bytea not null, -- WKB, WGS-84
    households int not null,
    updated_at timestamptz not null,
    version bigint not null
);
