-- Visits to households. A household is an opaque reference: who and where exactly is not in this database.
create table visit_plans (
    id uuid primary key,
    territory text collate "C" not null,
    household text collate "C" not null,
    longitude float8, -- rounded to a thousandth of a degree; null when not known, and once the plan is over
    latitude float8,
    needs jsonb not null, -- numbers of CareNeed; empty once the plan is over
    worker text collate "C" not null,
    helpers jsonb not null,
    consent_by text not null,
    consent_at timestamptz not null,
    withdrawn_at timestamptz,
    state smallint not null,
    every_days int not null,
    last_visit_at timestamptz,
    due_at timestamptz, -- null once the plan is over
    policy_version bigint not null,
    updated_at timestamptz not null,
    version bigint not null
);
-- One active plan a household; references of households are a city's own.
create unique index visit_plans_household on visit_plans (left(territory, 4), household) where state = 1;
create index visit_plans_territory on visit_plans (territory, id);
-- What is due, soonest first: of everybody, and of one worker.
create index visit_plans_due on visit_plans (due_at, id) where due_at is not null;
create index visit_plans_worker on visit_plans (worker, due_at, id) where due_at is not null;

create table visits (
    id uuid primary key,
    plan_id uuid not null references visit_plans,
    territory text collate "C" not null,
    visitor text not null,
    at timestamptz not null,
    outcome smallint not null,
    checked jsonb not null, -- empty once the plan is over
    note text not null, -- empty once the plan is over
    case_id uuid
);
create index visits_territory on visits (territory, id desc);
create index visits_plan on visits (plan_id, id desc);

create table hazards (
    id uuid primary key,
    plan_id uuid not null,
    territory text collate "C" not null,
    category smallint not null,
    note text not null, -- empty once the plan is over
    found_at timestamptz not null,
    due_at timestamptz, -- null once it is resolved
    resolved_at timestamptz,
    reinspections int not null,
    policy_version bigint not null,
    provisional_year smallint not null default 0, -- whose holidays were not final yet when it was set by them
    version bigint not null
);
create index hazards_due on hazards (due_at, id) where due_at is not null;
create index hazards_plan on hazards (plan_id);
create index hazards_territory on hazards (territory) where due_at is not null;

create table reinspections (
    hazard_id uuid not null,
    sequence int not null,
    at timestamptz not null,
    inspector text not null,
    resolved smallint not null,
    note text not null, -- empty once the plan is over
    due_at timestamptz not null,
    primary key (hazard_id, sequence)
);
