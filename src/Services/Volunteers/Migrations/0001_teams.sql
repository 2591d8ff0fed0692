create table teams (
    id uuid primary key,
    code text collate "C" not null unique,
    name text not null,
    territory text collate "C" not null,
    skills text[] not null, -- sorted, each once
    updated_at timestamptz not null,
    version bigint not null
);
create index teams_territory on teams (territory, code);

-- A table of their own: service, points and the rest of a volunteer's ledger hang on the member, not on the team's text.
create table team_members (
    team_id uuid not null references teams,
    number text collate "C" not null, -- also the subject of the volunteer's token
    name text not null,
    leader boolean not null,
    primary key (team_id, number)
);
create index team_members_number on team_members (number);
