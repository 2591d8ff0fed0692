-- Disputes between people, settled by mediators. Who the parties are stands in persons.
create table mediations (
    id uuid primary key,
    case_id uuid not null,
    territory text collate "C" not null,
    dispute text not null,
    parties jsonb not null, -- their labels
    mediators jsonb not null,
    organisation_id uuid,
    state smallint not null,
    due_at timestamptz not null,
    sessions jsonb not null,
    conclusion text not null,
    concluded_at timestamptz,
    perform_by timestamptz,
    performance text not null,
    opened_by text not null,
    opened_at timestamptz not null,
    policy_version bigint not null,
    provisional_year smallint not null default 0, -- whose holidays were not final yet when it was set by them
    version bigint not null
);
create index mediations_territory on mediations (territory, id desc);
-- Those of one state, newest first.
create index mediations_state on mediations (state, id desc);
create index mediations_case on mediations (case_id, id desc);
-- A case has at most one that is open.
create unique index mediations_open on mediations (case_id) where state = 1;
