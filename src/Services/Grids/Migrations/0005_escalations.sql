create table supervision_orders (
    id uuid primary key,
    case_id uuid not null references cases,
    territory text collate "C" not null, -- of the case
    ordered text collate "C" not null, -- the level that must report
    issued_by text not null,
    issued_at timestamptz not null,
    instruction text not null,
    reply_by timestamptz not null,
    reply text not null,
    replied_by text not null,
    replied_at timestamptz,
    provisional_year smallint not null default 0 -- whose holidays were not final yet when it was set by them
);
-- Lists: soonest due first; what is still open; those of a territory, and of a case.
create index supervision_orders_reply_by on supervision_orders (reply_by, id);
create index supervision_orders_open on supervision_orders (reply_by, id) where replied_at is null;
create index supervision_orders_territory on supervision_orders (territory);
create index supervision_orders_case on supervision_orders (case_id);
