-- Files of cases, which lie in the city's file store.
create table attachments (
    id uuid primary key,
    case_id uuid not null,
    territory text collate "C" not null,
    reference text not null, -- empty once taken away
    media_type text not null,
    size bigint not null,
    sha256 bytea not null,
    note text not null,
    added_by text not null,
    added_at timestamptz not null,
    removed_at timestamptz,
    removal_reason text not null
);
create index attachments_case on attachments (case_id, id);
