create table activities (
    id uuid primary key,
    case_id uuid not null,
    dispatch_id uuid, -- that it answers
    title text not null,
    territory text collate "C" not null,
    skill text not null,
    hands int not null,
    starts_at timestamptz not null,
    minutes int not null,
    state smallint not null,
    summary text not null,
    opened_at timestamptz not null,
    completed_at timestamptz,
    version bigint not null
);
-- Lists: soonest start first; those of a small territory, and the ones of a case.
create index activities_start on activities (starts_at, id);
create index activities_territory on activities (territory);
create index activities_case on activities (case_id);

create table activity_sign_ups (
    activity_id uuid not null references activities,
    team_id uuid not null references teams,
    team_name text not null, -- when it signed up
    hands int not null,
    signed_up_at timestamptz not null,
    primary key (activity_id, team_id)
);

-- A number is one person, in whichever team: one record an activity.
create table service_records (
    activity_id uuid not null references activities,
    volunteer_number text collate "C" not null,
    team_id uuid not null references teams,
    minutes int not null,
    recorded_at timestamptz not null,
    primary key (activity_id, volunteer_number)
);
create index service_records_volunteer on service_records (volunteer_number, recorded_at);
