-- Who has and had a post in a grid; rows are ended, never removed.
create table grid_staff (
    id uuid primary key,
    territory text collate "C" not null,
    role smallint not null,
    subject text collate "C" not null,
    name text not null, -- public
    duty text not null, -- public
    employment smallint not null,
    party_member smallint not null,
    from_day date not null,
    until_day date, -- null while it lasts
    updated_at timestamptz not null,
    version bigint not null
);
-- One leader a grid, and one post a person in it.
create unique index grid_staff_leader on grid_staff (territory) where role = 1 and until_day is null;
create unique index grid_staff_active on grid_staff (territory, subject) include (role) where until_day is null;
create index grid_staff_territory on grid_staff (territory, id);
create index grid_staff_subject on grid_staff (subject) where until_day is null;

create table stand_ins (
    id uuid primary key,
    territory text collate "C" not null,
    staff_id uuid not null references grid_staff,
    substitute_id uuid not null references grid_staff,
    from_day date not null,
    until_day date not null,
    cancelled_at timestamptz
);
create index stand_ins_territory on stand_ins (territory, id desc);

create table neighbour_groups (
    id uuid primary key,
    code text collate "C" not null,
    territory text collate "C" not null,
    name text not null,
    buildings jsonb not null,
    squad_id uuid,
    state smallint not null, -- 1 active, 2 dissolved
    updated_at timestamptz not null,
    version bigint not null
);
-- Codes are a city's own, here and below.
create unique index neighbour_groups_code on neighbour_groups (left(territory, 4), code) where state = 1;
create index neighbour_groups_territory on neighbour_groups (territory, id);
create index neighbour_groups_squad on neighbour_groups (squad_id) where squad_id is not null;

-- Who heads and headed a group; rows are ended, never removed.
create table neighbour_heads (
    id uuid primary key,
    group_id uuid not null,
    subject text collate "C" not null,
    party_member smallint not null,
    since timestamptz not null,
    until timestamptz -- null while it lasts
);
create unique index neighbour_heads_active on neighbour_heads (group_id, subject) include (party_member) where until is null;

create table squads (
    id uuid primary key,
    code text collate "C", -- of one that was imported
    territory text collate "C" not null,
    name text not null,
    leader_id uuid not null references grid_staff,
    formed_on date not null,
    dissolved_on date, -- null while it lasts
    updated_at timestamptz not null,
    version bigint not null
);
create unique index squads_code on squads (left(territory, 4), code) where dissolved_on is null;
create index squads_territory on squads (territory, id);

create table squad_exchanges (
    id uuid primary key,
    squad_id uuid not null references squads,
    kind smallint not null,
    day date not null,
    attendance int not null,
    note text not null
);
create index squad_exchanges_squad on squad_exchanges (squad_id, day desc, id desc);
create index squad_exchanges_day on squad_exchanges (squad_id, kind, day);

create table neighbour_venues (
    id uuid primary key,
    code text collate "C" not null,
    territory text collate "C" not null,
    name text not null,
    premises smallint not null,
    kind smallint not null, -- what it is for
    state smallint not null, -- 1 active, 2 closed
    updated_at timestamptz not null,
    version bigint not null
);
create unique index neighbour_venues_code on neighbour_venues (left(territory, 4), code);
create index neighbour_venues_territory on neighbour_venues (territory, id);

create table neighbour_activities (
    id uuid primary key,
    venue_id uuid not null references neighbour_venues,
    territory text collate "C" not null,
    title text not null,
    festival text not null,
    starts_at timestamptz not null,
    ends_at timestamptz not null,
    participants int not null
);
create index neighbour_activities_territory on neighbour_activities (territory, id desc);
create index neighbour_activities_venue on neighbour_activities (venue_id, id desc);

create table deputy_studios (
    id uuid primary key,
    code text collate "C" not null,
    territory text collate "C" not null,
    name text not null,
    state smallint not null, -- 1 active, 2 closed
    updated_at timestamptz not null,
    version bigint not null
);
create unique index deputy_studios_code on deputy_studios (left(territory, 4), code);
create index deputy_studios_territory on deputy_studios (territory, id);

-- Who is and was assigned to a studio; rows are ended, never removed.
create table studio_deputies (
    id uuid primary key,
    studio_id uuid not null,
    subject text collate "C" not null,
    kind smallint not null,
    since timestamptz not null,
    until timestamptz -- null while it lasts
);
create unique index studio_deputies_active on studio_deputies (studio_id, subject) where until is null;

create table receptions (
    id uuid primary key,
    studio_id uuid not null references deputy_studios,
    territory text collate "C" not null,
    held_at timestamptz not null,
    deputy_ids jsonb not null,
    received int not null,
    case_ids jsonb not null
);
create index receptions_territory on receptions (territory, id desc);
create index receptions_studio on receptions (studio_id, id desc);
