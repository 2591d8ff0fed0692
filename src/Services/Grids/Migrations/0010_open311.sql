-- What apps proposed that report over Open311: the service that the reporter chose, until somebody assesses the case.
create table open311_requests (
    case_id uuid primary key,
    service_code text not null
);
-- What anybody may read, newest first.
create index cases_open311 on cases (reported_at desc, id desc) where channel = 15 and not confidential;
