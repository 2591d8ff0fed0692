create table summonses (
    id uuid primary key,
    whistle_id uuid not null,
    case_id uuid not null,
    organisation_id uuid not null,
    organisation_name text not null,
    territory text collate "C" not null,
    subject text not null,
    report_by timestamptz not null,
    provisional_year smallint not null default 0, -- whose holidays were not final yet when it was set by them
    reported_at timestamptz,
    note text not null,
    closed_at timestamptz, -- of the whistle: since then nobody is waited for
    unique (whistle_id, organisation_id)
);
-- Lists: soonest first; of a department, of a case, and what is still open.
create index summonses_report_by on summonses (report_by, id);
create index summonses_open on summonses (report_by, id) where reported_at is null and closed_at is null;
create index summonses_organisation on summonses (organisation_id, report_by, id);
create index summonses_case on summonses (case_id, report_by, id);
