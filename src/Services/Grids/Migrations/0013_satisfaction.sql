-- What reporters say of how their cases ended, reviews of answers that leave somebody dissatisfied, supervisors and their samples.
create table satisfaction_responses (
    id uuid primary key,
    case_id uuid not null references cases,
    answer_step int not null, -- entry of the case's history that gave the answer
    territory text collate "C" not null,
    holder text not null,
    channel smallint not null,
    satisfaction smallint not null,
    score smallint not null, -- 0 when none was given
    comment text not null, -- empty once erased
    responder text not null, -- subject or pseudonym; empty when recorded on behalf, and once erased
    asked_by text not null, -- empty in the app, and once erased
    agent text not null,
    answered_at timestamptz not null,
    at timestamptz not null,
    policy_version bigint not null,
    unique (case_id, answer_step) -- one response an answer
);
create index satisfaction_responses_territory on satisfaction_responses (territory, id desc);
-- Those of one verdict, newest first.
create index satisfaction_responses_verdict on satisfaction_responses (satisfaction, id desc);
create index satisfaction_responses_at on satisfaction_responses (territory, at);

create table satisfaction_reviews (
    id uuid primary key,
    case_id uuid not null references cases,
    answer_step int not null,
    response_id uuid not null references satisfaction_responses,
    territory text collate "C" not null,
    holder text not null, -- the level that gave the answer
    state smallint not null,
    opened_at timestamptz not null,
    due_at timestamptz not null,
    decided_by text not null,
    decided_at timestamptz,
    reason text not null,
    policy_version bigint not null,
    provisional_year smallint not null default 0, -- whose holidays were not final yet when it was set by them
    version bigint not null
);
create index satisfaction_reviews_due on satisfaction_reviews (due_at, id);
create index satisfaction_reviews_territory on satisfaction_reviews (territory, due_at, id);
create index satisfaction_reviews_case on satisfaction_reviews (case_id);

create table supervisors (
    id uuid primary key,
    territory text collate "C" not null,
    subject text not null, -- empty once erased
    kind smallint not null,
    from_day date not null,
    until_day date not null,
    term int not null, -- the subject's first in the territory, its second, and so on
    version bigint not null
);
create index supervisors_territory on supervisors (territory, id desc);
-- Of appointments at once one is written; the others are decided anew, and see it.
create unique index supervisors_subject on supervisors (subject, territory, term) where subject <> '';

create table supervision_draws (
    id uuid primary key,
    supervisor_id uuid not null references supervisors,
    territory text collate "C" not null,
    from_day date not null,
    until_day date not null,
    seed text not null,
    population int not null,
    drawn_by text not null,
    drawn_at timestamptz not null
);
create index supervision_draws_territory on supervision_draws (territory, id desc);
create index supervision_draws_supervisor on supervision_draws (supervisor_id, id desc);

create table supervision_cases (
    draw_id uuid not null references supervision_draws,
    rank int not null, -- from 1, as drawn
    case_id uuid not null references cases,
    territory text collate "C" not null,
    marks jsonb, -- null until reviewed
    mark_sum int,
    mark_count int,
    finding text not null,
    reviewed_at timestamptz,
    policy_version bigint,
    version bigint not null,
    primary key (draw_id, case_id)
);
create index supervision_cases_territory on supervision_cases (territory, reviewed_at);
create index supervision_cases_case on supervision_cases (case_id);

-- What somebody is to improve, since a supervisor found it or a reporter is dissatisfied with it.
create table improvements (
    id uuid primary key,
    case_id uuid not null references cases,
    territory text collate "C" not null,
    draw_id uuid references supervision_draws, -- of the finding, or
    response_id uuid references satisfaction_responses,
    text text not null,
    responsible text not null,
    due_at timestamptz not null,
    state smallint not null,
    opened_by text not null, -- empty once erased, as those below
    opened_at timestamptz not null,
    result text not null,
    done_by text not null,
    done_at timestamptz,
    check_note text not null,
    checked_by text not null,
    checked_at timestamptz,
    version bigint not null
);
create index improvements_territory on improvements (territory, due_at, id);
create index improvements_case on improvements (case_id);
-- One a cause.
create unique index improvements_finding on improvements (case_id, draw_id) where draw_id is not null;
create unique index improvements_response on improvements (response_id) where response_id is not null;

-- Past cases bring what their reporters said: counted with the responses. Without the instant of their end, which every change of
-- a case would then write into all indexes.
create index cases_imported_satisfaction on cases (territory, satisfaction)
    where import_code is not null and assess_by is null and satisfaction <> 0;
