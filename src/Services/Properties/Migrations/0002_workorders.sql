create table work_orders (
    id uuid primary key,
    case_id uuid not null,
    dispatch_id uuid, -- that it answers
    estate_id uuid not null,
    estate_name text not null, -- as it was when the order was opened
    territory text collate "C" not null, -- of the case
    company_id uuid not null,
    title text not null,
    state smallint not null,
    due_at timestamptz not null,
    provisional_year smallint not null default 0, -- whose holidays were not final yet when it was set by them
    result text not null,
    opened_at timestamptz not null,
    ended_at timestamptz,
    version bigint not null
);
-- Lists: soonest due first, of a territory, of a company, of a case.
create index work_orders_territory on work_orders (territory, due_at, id);
create index work_orders_due on work_orders (due_at, id);
create index work_orders_company on work_orders (company_id, due_at, id);
create index work_orders_case on work_orders (case_id);
