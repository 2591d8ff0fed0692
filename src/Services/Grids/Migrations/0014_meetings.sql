-- Meetings of grid Party branches: who came is counted by kind, nobody is named.
create table meetings (
    id uuid primary key,
    code text collate "C" not null, -- of an imported meeting; else empty
    kind smallint not null,
    territory text collate "C" not null,
    state smallint not null,
    starts_at timestamptz not null,
    place text not null,
    notice text not null,
    agenda jsonb not null,
    attendance jsonb not null,
    minutes text not null,
    minutes_edition int not null,
    minutes_by text not null,
    matters jsonb not null,
    approved_by text not null,
    approved_at timestamptz,
    cancel_reason text not null,
    updated_at timestamptz not null,
    version bigint not null
);
create unique index meetings_code on meetings ((left(territory, 4)), code) where code <> '';
create index meetings_latest on meetings (starts_at desc, id desc);
-- Lists of one place, latest first.
create index meetings_place on meetings (territory, starts_at desc, id desc);
create index meetings_territory on meetings (territory, kind, starts_at) where state in (3, 4);
-- A grid has one debrief a year, however many are planned at once. What an import brings is held against them under a lock: it may set
-- two right at once, which no index lets pass.
create unique index meetings_debrief on meetings (territory, extract(year from local_day(starts_at)))
    where kind = 2 and state <> 5 and code = '';

-- Every version of the minutes of a meeting.
create table meeting_minutes (
    meeting_id uuid not null,
    edition int not null,
    minutes text not null,
    writer text not null,
    at timestamptz not null,
    primary key (meeting_id, edition)
);

-- Who debriefs in a meeting, and the papers that were counted; no paper is kept.
create table meeting_debriefs (
    id uuid primary key,
    meeting_id uuid not null,
    territory text collate "C" not null,
    place int not null, -- among the debriefs of the meeting
    subject text not null,
    organisation_id uuid not null,
    papers int, -- null until they are counted, with the rest
    good int,
    fairly_good int,
    average int,
    poor int,
    unmarked int,
    check (papers is null or papers = good + fairly_good + average + poor + unmarked)
);
create index meeting_debriefs_meeting on meeting_debriefs (meeting_id, place);
create index meeting_debriefs_territory on meeting_debriefs (territory) where papers is not null;
