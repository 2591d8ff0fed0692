alter table cases add column receiver jsonb;
alter table cases add column assignments jsonb; -- of the newest dispatch; every one is a row of dispatch_assignments

-- Queues of cases, soonest due first: of those who are answerable; of a subdistrict or less. Wider ones walk along cases_due.
create index cases_answerable on cases ((receiver ->> 'answerable'), due_at, id) where due_at is not null and receiver is not null;
create index cases_queue on cases (territory, due_at, id) where due_at is not null;

-- Written with the case, whose version guards them.
create table dispatch_assignments (
    id uuid primary key,
    case_id uuid not null,
    territory text collate "C" not null, -- of the case
    role smallint not null,
    organisation_id uuid not null,
    organisation_name text not null,
    subject text not null,
    given_at timestamptz,
    due_at timestamptz not null,
    object_by timestamptz,
    state smallint not null,
    result text not null,
    assigned_by text not null,
    assigned_from text collate "C" not null,
    assigned_at timestamptz not null,
    accepted_at timestamptz,
    ended_at timestamptz,
    objection jsonb
) with (fillfactor = 80);
create index dispatch_assignments_case on dispatch_assignments (case_id);
-- Queues, soonest due first: only what is open.
create index dispatch_assignments_team on dispatch_assignments (organisation_id, due_at, id) where ended_at is null;
create index dispatch_assignments_mine on dispatch_assignments (subject, due_at, id) where ended_at is null and subject <> '';
-- When somebody was given one last.
create index dispatch_assignments_given on dispatch_assignments (subject, given_at) where subject <> '';

create table dispatch_roster (
    id uuid primary key,
    organisation_id uuid not null,
    territory text collate "C" not null,
    subject text not null,
    starts_at timestamptz not null,
    ends_at timestamptz not null,
    active smallint not null, -- 1 or 0
    unique (organisation_id, subject, territory, starts_at)
);
create index dispatch_roster_territory on dispatch_roster (territory);

-- How often work of an organisation was given out: whoever gives some out at the same time looks at the loads again.
create table dispatch_turns (
    organisation_id uuid primary key,
    turn bigint not null
);

-- Every whistle, also after its case has gone elsewhere.
create table dispatch_whistles (
    id uuid primary key,
    case_id uuid not null references cases,
    territory text collate "C" not null, -- of the case
    blown_by text collate "C" not null,
    blown_by_subject text not null,
    reason text not null,
    blown_at timestamptz not null,
    report_by timestamptz not null,
    provisional_year smallint not null default 0, -- whose holidays were not final yet when it was set by them
    closed_at timestamptz
);
create index dispatch_whistles_territory on dispatch_whistles (territory, blown_at);
create index dispatch_whistles_case on dispatch_whistles (case_id);

create table dispatch_whistle_departments (
    whistle_id uuid not null references dispatch_whistles,
    organisation_id uuid not null,
    organisation_name text not null,
    reported_at timestamptz,
    -- Of the department by whoever whistled.
    score smallint,
    score_comment text not null default '',
    scored_by text,
    scored_at timestamptz,
    -- Of the whistle by the department.
    justified smallint, -- 1 or 0
    justified_comment text not null default '',
    justified_by text,
    justified_at timestamptz,
    primary key (whistle_id, organisation_id)
);
create index dispatch_whistle_departments_organisation on dispatch_whistle_departments (organisation_id, whistle_id desc);

create table dispatch_consultations (
    id uuid primary key,
    case_id uuid not null references cases,
    territory text collate "C" not null, -- of the case
    convener text not null,
    convened_from text collate "C" not null, -- the level that held the case then
    question text not null,
    opened_at timestamptz not null,
    due_at timestamptz not null,
    participants jsonb not null,
    decision text not null,
    decided_by text not null,
    decided_at timestamptz,
    lead_id uuid
);
-- A case has one at a time.
create unique index dispatch_consultations_open on dispatch_consultations (case_id) where decided_at is null;
create index dispatch_consultations_due on dispatch_consultations (due_at, id);
create index dispatch_consultations_case on dispatch_consultations (case_id);
create index dispatch_consultations_territory on dispatch_consultations (territory);

create table dispatch_statements (
    consultation_id uuid not null references dispatch_consultations,
    sequence int not null,
    organisation_id uuid,
    subject text not null,
    at timestamptz not null,
    text text not null,
    primary key (consultation_id, sequence)
);
