-- Personal data that records hold: what is encrypted is bytea, what ends in _index finds the exact value again.
create table persons (
    id uuid primary key,
    record_kind text not null,
    record_id uuid not null,
    territory text collate "C" not null,
    part smallint not null,
    confidential boolean not null,
    name bytea,
    phone bytea,
    phone_index bytea,
    citizen_id bytea,
    citizen_id_index bytea,
    home bytea,
    email bytea,
    subject bytea,
    subject_index bytea,
    expires_at timestamptz -- null while the record is under way
);
create index persons_record on persons (record_id);
create index persons_phone on persons (phone_index) where phone_index is not null;
create index persons_citizen_id on persons (citizen_id_index) where citizen_id_index is not null;
create index persons_subject on persons (subject_index) where subject_index is not null;
create index persons_expires on persons (expires_at) where expires_at is not null;

-- Records that are over and still hold what was said by or about people in words: until when.
create table kept_texts (
    record_id uuid primary key,
    record_kind text not null,
    territory text collate "C" not null,
    expires_at timestamptz not null
);
create index kept_texts_expires on kept_texts (expires_at);

-- Who has seen or searched personal data, and why. Append-only, as the audit.
create table person_accesses (
    id uuid primary key,
    at timestamptz not null,
    subject text not null,
    role text not null,
    action text not null,
    territory text collate "C" not null,
    record_id uuid,
    reason text not null
);
create index person_accesses_territory on person_accesses (territory, id desc);
create trigger person_access_rows_stay before update or delete on person_accesses for each row execute function audit_is_append_only();
create trigger person_access_table_stays before truncate on person_accesses for each statement execute function audit_is_append_only();
