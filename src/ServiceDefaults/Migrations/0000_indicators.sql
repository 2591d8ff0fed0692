-- Definitions of indicators that cities have put in; the newest version of a name counts.
create table indicator_definitions (
    city text collate "C" not null,
    name text collate "C" not null,
    version bigint not null,
    content bytea not null, -- the message, protobuf
    created_at timestamptz not null,
    primary key (city, name, version)
);

-- The day of an instant in local time: all of China keeps one. Kept counts begin and end somewhere; Days.cs says the same.
create function local_day(at timestamptz) returns date language sql immutable parallel safe return
    case when at is not null then greatest(least(((at at time zone 'UTC') + interval '8 hours')::date, date '2100-12-31'), date '1990-01-01') end;

-- Changes of kept counts, appended by triggers in the transaction of the change itself and folded into kept_counts afterwards:
-- nobody waits for a counter's row. Both together are the count, at any instant.
create table kept_changes (
    measure text not null,
    territory text collate "C" not null,
    days date[] not null, -- on which each of the measure's instants places the records; null for one that they do not have
    key text collate "C" not null, -- the values of the kept dimensions
    n bigint not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000);

-- How many records there are: for territories of three levels, for all time, a year, a quarter, a month, a week or a day. A cell has the counts
-- of all values that occur in it, since whoever asks for one mostly asks for the others too.
create table kept_counts (
    cube text collate "C" not null,
    clock smallint not null,
    level smallint not null, -- 2 city, 4 subdistrict, 6 grid
    grain smallint not null, -- 0 all time, 1 year, 2 quarter, 3 month, 4 week, 5 day
    start date not null,
    territory text collate "C" not null,
    counts bytea not null, -- of each value that occurs its number in kept_keys, ascending, and its count, which is never 0: two int4 in network order
    primary key (cube, clock, level, grain, start, territory)
) with (fillfactor = 70); -- a count changes often, its place never

-- The counts of a cell for whoever asks in SQL. The service takes them out of the bytes by itself, for a fraction of the time.
create function kept_cell(counts bytea) returns table (number int, n int) language sql immutable strict parallel safe as $$
    select ('x' || encode(substr(counts, at, 4), 'hex'))::bit(32)::int, ('x' || encode(substr(counts, at + 4, 4), 'hex'))::bit(32)::int
    from generate_series(1, length(counts), 8) at
$$;

-- The values that a cube counts by, numbered from 0 as they turn up. A number never changes.
create table kept_keys (
    cube text collate "C" not null,
    number int not null,
    key text collate "C" not null,
    primary key (cube, number),
    unique (cube, key)
);
