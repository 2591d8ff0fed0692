-- Bulletins of grids. Texts are kept without telephone numbers, identity numbers and what persons holds of those behind them.
create table bulletin_items (
    id uuid primary key,
    territory text collate "C" not null, -- grid or community
    section smallint not null,
    source smallint not null,
    source_id uuid, -- case or topic; null when written by hand, and once that was erased
    occurrence int not null, -- 0, or the step of the source that gave the answer
    people_of uuid, -- the case whose people must not be told
    title text not null,
    text text not null,
    state smallint not null,
    edition int not null,
    issue int, -- null until it is published
    period text,
    drafted_at timestamptz not null,
    published_at timestamptz,
    corrected_at timestamptz,
    withdrawn_at timestamptz,
    policy_version bigint not null,
    version bigint not null
);
-- A record fills a section once; an answer that is given anew is another.
create unique index bulletin_items_source on bulletin_items (source_id, section, occurrence) where source_id is not null;
create index bulletin_items_territory on bulletin_items (territory, id);
create index bulletin_items_drafts on bulletin_items (id) where state = 1;
create index bulletin_items_published on bulletin_items (territory, published_at desc, id desc) where state = 2;

create table bulletin_versions (
    item_id uuid not null references bulletin_items,
    edition int not null,
    action text not null,
    title text not null,
    text text not null,
    actor text not null, -- empty when it was a rule, and once erased
    actor_role text not null,
    at timestamptz not null,
    reason text not null,
    removed int not null,
    primary key (item_id, edition)
);

create table bulletin_issues (
    territory text collate "C" not null,
    period text not null, -- YYYY-MM
    number int not null,
    opened_at timestamptz not null,
    primary key (territory, period),
    unique (territory, number)
);
