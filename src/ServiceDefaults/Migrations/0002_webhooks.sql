-- Programs of others that are told of this service's events.
create table destinations (
    id uuid primary key,
    territory text collate "C" not null,
    name text not null,
    url text not null,
    events text not null, -- names, one a line; empty: all
    state smallint not null, -- 1 active, 2 paused, 3 gone
    secret bytea not null, -- encrypted, as is the one before it
    secret_version int not null,
    old_secret bytea,
    old_secret_until timestamptz,
    registered_at timestamptz not null,
    version bigint not null
);
create index destinations_territory on destinations (territory, id desc);

-- One row for each event and destination, written with the event. It names its destination by no foreign key: whoever commits
-- an event must not fail because its destination is being removed.
create table deliveries (
    id uuid primary key,
    destination_id uuid not null,
    event_id uuid not null,
    event text not null,
    territory text not null,
    payload bytea not null, -- the event, JSON
    happened_at timestamptz not null,
    state smallint not null, -- 1 waiting, 2 delivered, 3 dead
    tries int not null,
    due_at timestamptz, -- when it is tried next; while it is being tried, when that counts as lost
    tried_at timestamptz,
    status int not null,
    error text not null,
    unique (destination_id, event_id)
);
create index deliveries_due on deliveries (destination_id, due_at) where due_at is not null;
create index deliveries_destination on deliveries (destination_id, id desc);
create index deliveries_dead on deliveries (destination_id, id desc) where state = 3;
create index deliveries_happened_at on deliveries using brin (happened_at) with (autosummarize = on);
