create table councils (
    id uuid primary key,
    territory text collate "C" not null,
    name text not null,
    state smallint not null,
    quorum jsonb not null,
    terms jsonb not null, -- oldest first; the last is the present one
    concurrent_head smallint not null,
    concurrent_source text not null,
    dissolve_reason text not null,
    established_at timestamptz not null,
    updated_at timestamptz not null,
    version bigint not null
);
-- One active council a territory; also what indicators count by.
create unique index councils_active on councils (territory) include (concurrent_head) where state = 1;
create index councils_territory on councils (territory, id);

-- Who sits and sat on a council; rows are ended, never removed.
create table council_members (
    id uuid primary key,
    council_id uuid not null,
    subject text collate "C" not null,
    kind smallint not null,
    name text not null,
    duty text not null,
    seat smallint not null,
    joined_at timestamptz not null,
    left_at timestamptz -- null while it lasts
);
create unique index council_members_current on council_members (council_id, subject) where left_at is null;
create index council_members_all on council_members (council_id, id desc);

create table topics (
    id uuid primary key,
    council_id uuid not null,
    territory text collate "C" not null,
    kind smallint not null,
    title text not null,
    text text not null,
    edition int not null,
    proposer text not null,
    case_id uuid,
    state smallint not null,
    supporters_needed int not null,
    session_id uuid,
    decision jsonb,
    tasks jsonb, -- of the parties that carry the decision out; null when one does alone
    result text not null,
    answer text not null,
    support_by timestamptz not null,
    decide_by timestamptz,
    carry_out_by timestamptz,
    answer_by timestamptz,
    due_at timestamptz, -- of the step that is due now; null once nobody must act
    policy_version bigint not null,
    provisional_year smallint not null default 0, -- whose holidays were not final yet when it was set by them
    steps int not null,
    proposed_at timestamptz not null,
    updated_at timestamptz not null,
    version bigint not null
);
create index topics_territory on topics (territory, id desc);
-- Those of one state, newest first; and what is due.
create index topics_state on topics (state, id desc);
create index topics_due on topics (due_at) where due_at is not null;
create index topics_council on topics (council_id, id desc);
create index topics_session on topics (session_id) where session_id is not null;

-- Everything that was done to a topic.
create table topic_history (
    topic_id uuid not null,
    sequence int not null,
    action text not null,
    from_state smallint not null,
    to_state smallint not null,
    actor text not null,
    actor_role text not null,
    at timestamptz not null,
    note text not null,
    due_at timestamptz,
    primary key (topic_id, sequence)
);

-- Every wording of a topic.
create table topic_editions (
    topic_id uuid not null,
    edition int not null,
    title text not null,
    text text not null,
    reason text not null,
    at timestamptz not null,
    primary key (topic_id, edition)
);

-- Who supports which wording. Supporters are counted from here: no counter is kept that could differ.
create table topic_supports (
    topic_id uuid not null,
    edition int not null,
    subject text not null,
    at timestamptz not null,
    primary key (topic_id, edition, subject)
);

create table topic_consultations (
    id uuid primary key,
    topic_id uuid not null,
    territory text collate "C" not null,
    form smallint not null,
    held_on date not null,
    parties jsonb not null,
    summary text not null
);
create index topic_consultations_topic on topic_consultations (topic_id, id);
create index topic_consultations_territory on topic_consultations (territory);

create table sessions (
    id uuid primary key,
    council_id uuid not null,
    territory text collate "C" not null,
    starts_at timestamptz not null,
    place text not null,
    state smallint not null,
    agenda jsonb not null,
    quorum jsonb not null,
    member_count int not null,
    present jsonb not null,
    minutes text not null,
    minutes_edition int not null,
    approved_by text not null,
    approved_at timestamptz,
    cancel_reason text not null,
    convened_at timestamptz not null,
    updated_at timestamptz not null,
    version bigint not null
);
create index sessions_council on sessions (council_id, id desc);
create index sessions_territory on sessions (territory);

-- Every version of the minutes of a session.
create table session_minutes (
    session_id uuid not null,
    edition int not null,
    minutes text not null,
    writer text not null,
    at timestamptz not null,
    primary key (session_id, edition)
);

create table ballots (
    id uuid primary key,
    topic_id uuid not null,
    council_id uuid not null,
    territory text collate "C" not null,
    edition int not null,
    electorate smallint not null,
    entitled int not null,
    rule jsonb not null,
    voter_key bytea not null, -- mark of the key that voters are sealed with
    opened_at timestamptz not null,
    closes_at timestamptz not null,
    closed smallint not null,
    version bigint not null
);
-- One ballot a topic at a time.
create unique index ballots_open on ballots (topic_id) where closed = 0;

-- A vote names its voter only by a keyed hash, and has neither time nor number that would tell the order of voting.
create table ballot_votes (
    ballot_id uuid not null,
    voter bytea not null,
    choice smallint not null,
    primary key (ballot_id, voter)
);
create function votes_stay() returns trigger language plpgsql as $$
begin
    raise exception 'votes are never changed';
end $$;
create trigger ballot_votes_stay before update or delete on ballot_votes for each row execute function votes_stay();
create trigger ballot_votes_table_stays before truncate on ballot_votes for each statement execute function votes_stay();
