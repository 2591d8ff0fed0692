-- Policies are never changed; version counts up over all of a city.
create table policies (
    city text collate "C" not null,
    version bigint not null,
    kind text not null,
    effective_from date not null,
    content bytea not null, -- the message, protobuf
    created_at timestamptz not null,
    primary key (city, version)
);

-- Numbers of policies that indicators read: content is not for SQL. Written with the policy, in one transaction.
create table policy_standards (
    city text collate "C" not null,
    version bigint not null, -- of the policy
    name text not null,
    value bigint not null,
    effective_from date not null,
    primary key (city, version, name)
);
