-- A code is given once: what it meant stays readable after its grid has ended, as cases keep it.
create table grids (
    code text collate "C" primary key,
    name text not null,
    kind smallint not null,
    boundary bytea not null, -- WKB, WGS-84
    households int not null,
    updated_at timestamptz not null,
    version bigint not null,
    valid_from timestamptz not null,
    valid_to timestamptz -- null while in force
);

-- Few beside those in force; imports look here for codes that have ended.
create index grids_ended on grids (code) where valid_to is not null;

-- What became of a grid that was split, merged or given another code: one row for each old and new code of a change.
create table grid_successions (
    change_id uuid not null,
    change smallint not null,
    at timestamptz not null,
    old_code text collate "C" not null references grids (code),
    new_code text collate "C" not null references grids (code),
    primary key (old_code, new_code)
);

create index grid_successions_new on grid_successions (new_code);
create index grid_successions_change on grid_successions (change_id);

-- What an import wrote over: a record of that time was made by it.
create table grid_revisions (
    code text collate "C" not null references grids (code),
    version bigint not null,
    name text not null,
    kind smallint not null,
    boundary bytea not null,
    households int not null,
    updated_at timestamptz not null,
    until timestamptz not null,
    primary key (code, version)
);
