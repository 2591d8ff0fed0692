create table cases (
    id uuid primary key,
    number bigint not null unique,
    territory text collate "C" not null,
    holder text collate "C" not null,
    title text not null,
    description text not null,
    longitude float8,
    latitude float8,
    channel smallint not null,
    reporter text not null,
    state smallint not null,
    category text not null,
    handler jsonb,
    whistle jsonb,
    result text not null,
    answer text not null,
    satisfaction smallint not null,
    assess_by timestamptz, -- null when it had ended before it was imported
    handle_by timestamptz,
    answer_by timestamptz,
    confirm_by timestamptz,
    due_at timestamptz, -- of the step that is due now
    policy_version bigint not null,
    steps int not null,
    reported_at timestamptz not null,
    updated_at timestamptz not null,
    version bigint not null,
    escalate_at timestamptz,
    close_at timestamptz, -- by the service; confirm_by while the case has an answer and is not over
    deadline jsonb, -- changes of handle_by
    confidential boolean not null default false,
    people smallint not null default 0, -- whose data are kept with it
    verification jsonb,
    merged_into uuid, -- answered with that one
    followers smallint not null default 0, -- that wait for its answer
    transferred_to text not null default '',
    review jsonb, -- of the answer, by the levels above
    dimensions smallint not null default 0, -- of governance: bit n for the n-th
    reopen_by timestamptz, -- counted from the answer
    reopenings smallint not null default 0,
    provisional_year smallint not null default 0, -- whose holidays were not final yet when a due instant was set by them
    late smallint not null default 0, -- 1 once a step was not done by its instant
    -- The state, of states that few are in at a time (Case.AsideOf): no step from report to answer changes it, nor any index with it.
    aside smallint generated always as (case when state in (7, 8) then 7 when state in (10, 11, 12, 13, 14) then state end) stored,
    import_code text collate "C", -- of a case that was imported, in the system that it comes from
    import_hash uuid, -- of the row as it was imported last
    import_steps int -- entries of its history right after that: more, and people have acted on it here
) with (fillfactor = 70); -- A case changes many times: with room on its page, no index changes with it.
-- Lists: newest first within a territory.
create index cases_territory on cases (territory, id desc);
-- One's own, newest first.
create index cases_reporter on cases (reporter, id desc);
-- Newest first, those that wait for somebody and those that lie aside.
create index cases_open on cases (id desc) where due_at is not null;
create index cases_aside on cases (aside, id desc) where aside is not null;
-- What is overdue, soonest first.
create index cases_due on cases (due_at, id) where due_at is not null;
-- What goes up by itself, oldest first.
create index cases_escalate on cases (escalate_at) where escalate_at is not null;

-- What closes by itself, oldest first. By a column that is set by the answer and cleared by the end: one by the state would change with
-- every step.
create index cases_close on cases (close_at) where close_at is not null;

-- What touches a dimension of governance.
create index cases_dimensions on cases (territory) where dimensions <> 0;

-- Those that wait for an answer.
create index cases_merged on cases (merged_into) where merged_into is not null;

-- A repeated import finds its cases again.
create unique index cases_import on cases (left(territory, 4), import_code) where import_code is not null;

-- Numbers that people quote; each process takes a block of them at a time.
create sequence case_numbers start 1000 increment by 1000;

-- Everything that was done to a case. xid orders changes by commit for those who watch: a change is told once no older
-- transaction is still open.
create table case_history (
    case_id uuid not null,
    sequence int not null,
    action text not null,
    from_state smallint not null,
    to_state smallint not null,
    actor text not null,
    actor_role text not null,
    at timestamptz not null,
    note text not null,
    holder text not null,
    due_at timestamptz,
    xid xid8 not null default pg_current_xact_id(),
    primary key (case_id, sequence)
);
create index case_history_feed on case_history (xid, case_id, sequence);
