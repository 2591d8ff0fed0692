-- Rounds of participatory budgets of communities. Amounts are in fen.
create table budget_rounds (
    id uuid primary key,
    territory text collate "C" not null,
    name text not null,
    phase smallint not null,
    amount bigint not null,
    project_cap bigint not null,
    method smallint not null,
    most_choices int not null,
    supporters_needed int not null,
    proposals_each int not null,
    policy_version bigint not null,
    proposals_until timestamptz not null,
    votes_until timestamptz,
    entitled int not null,
    voter_key bytea not null, -- mark of the key that voters are sealed with; empty before the voting
    ballots int not null, -- 0 until it is decided
    cancel_reason text not null,
    updated_at timestamptz not null,
    version bigint not null
);
create index budget_rounds_territory on budget_rounds (territory, id desc);

create table budget_projects (
    id uuid primary key,
    round_id uuid not null,
    territory text collate "C" not null,
    number int not null,
    title text not null,
    text text not null,
    amount bigint not null,
    proposer text not null,
    state smallint not null,
    review_reason text not null,
    votes int not null, -- 0 until the round is decided
    result text not null,
    proposed_at timestamptz not null,
    updated_at timestamptz not null,
    version bigint not null
);
-- The order of submission has no gap and no tie: two projects proposed at once collide here, and the second is decided anew.
create unique index budget_projects_number on budget_projects (round_id, number);
create index budget_projects_territory on budget_projects (territory);

-- Who supports which project. Supporters are counted from here.
create table budget_supports (
    project_id uuid not null,
    subject text not null,
    at timestamptz not null,
    primary key (project_id, subject)
);

-- A ballot names its voter only by a keyed hash, and has neither time nor number that would tell the order of voting.
create table budget_ballots (
    round_id uuid not null,
    voter bytea not null,
    projects jsonb not null, -- ids
    primary key (round_id, voter)
);
create trigger budget_ballots_stay before update or delete on budget_ballots for each row execute function votes_stay();
create trigger budget_ballots_table_stays before truncate on budget_ballots for each statement execute function votes_stay();

-- The accounts; entries are booked back, never changed.
create table budget_spending (
    id uuid primary key,
    round_id uuid not null,
    project_id uuid not null,
    amount bigint not null,
    purpose text not null,
    reverses uuid,
    at timestamptz not null
);
create unique index budget_spending_reverses on budget_spending (reverses) where reverses is not null;
create index budget_spending_project on budget_spending (project_id);
create index budget_spending_round on budget_spending (round_id, id);
create function spending_stays() returns trigger language plpgsql as $$
begin
    raise exception 'entries of the accounts are never changed';
end $$;
create trigger budget_spending_stays before update or delete on budget_spending for each row execute function spending_stays();
create trigger budget_spending_table_stays before truncate on budget_spending for each statement execute function spending_stays();
