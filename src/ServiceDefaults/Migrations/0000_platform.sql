-- What every service's database holds besides its capabilities' own tables.

-- Raised by updates that found a record changed; the C# side knows it by its code.
create function require_written(written bigint, given int) returns void language plpgsql as $$
begin
    if written < given then
        raise exception 'a record was changed by another command' using errcode = 'GV409';
    end if;
end $$;

-- Likewise, by checks that nothing came in between.
create function require_no_more(counted bigint, expected int) returns void language plpgsql as $$
begin
    if counted > expected then
        raise exception 'a record was changed by another command' using errcode = 'GV409';
    end if;
end $$;

-- Events on their way out, in the order in which they were written; a row leaves once the broker has confirmed it.
-- A row without event only tells the relay which cache keys are stale.
create table outbox (
    id bigint generated always as identity primary key,
    message_id uuid not null,
    aggregate_id uuid not null,
    event text,
    payload bytea,
    cache_keys text, -- one a line
    trace_parent text,
    created_at timestamptz not null
);

-- Which event was handled by which consumer; the row is written in the consumer's own transaction.
create table inbox (
    message_id uuid not null,
    consumer text not null,
    handled_at timestamptz not null,
    primary key (message_id, consumer)
);
-- Rows come in the order of time, so that a summary a block range is enough to forget the oldest, and costs an insert nothing.
create index inbox_handled_at on inbox using brin (handled_at) with (autosummarize = on);

-- Events that a consumer gave up on.
create table dead_letters (
    message_id uuid not null,
    consumer text not null,
    event text not null,
    payload bytea not null,
    error text not null,
    failed_at timestamptz not null,
    primary key (message_id, consumer)
);
create index dead_letters_failed_at on dead_letters (failed_at desc, message_id);

-- The first answer to every command, for repeats of its request_id.
create table requests (
    request_id uuid primary key,
    method text not null,
    subject text not null,
    body_hash bytea not null,
    response bytea not null,
    answered_at timestamptz not null
);
create index requests_answered_at on requests using brin (answered_at) with (autosummarize = on);

-- Who did what, when and where. Append-only.
create table audit (
    id bigint generated always as identity primary key,
    at timestamptz not null,
    subject text not null,
    role text not null,
    action text not null,
    request_id uuid not null,
    territory text,
    record_id uuid,
    peer text
);
create function audit_is_append_only() returns trigger language plpgsql as $$
begin
    raise exception 'audit rows are never changed';
end $$;
create trigger audit_rows_stay before update or delete on audit for each row execute function audit_is_append_only();
create trigger audit_table_stays before truncate on audit for each statement execute function audit_is_append_only();

-- Counts up whenever the content of a table changes that services keep in memory.
create table revisions (
    name text primary key,
    revision bigint not null
);
