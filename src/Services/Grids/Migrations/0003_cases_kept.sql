-- Counts of cases are kept by these triggers, whoever writes. Printed by a test from the declaration of the measure:
-- a later declaration takes a migration of its own, which drops the function and begins anew.
create function keep_cases() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        insert into kept_changes (measure, territory, days, key, n)
        select 'cases', territory, array[local_day(reported_at), local_day(case when state = 9 then updated_at end), local_day(due_at)], coalesce((state)::text, '') || '|' || coalesce((case when late = 1 then 'late' when due_at is null then 'on_time' else 'pending' end)::text, '') || '|' || coalesce((channel)::text, '') || '|' || coalesce((case when category = '' then 'none' else category end)::text, ''), count(*) from new_rows
        group by 2, 3, 4;
    elsif tg_op = 'DELETE' then
        insert into kept_changes (measure, territory, days, key, n)
        select 'cases', territory, array[local_day(reported_at), local_day(case when state = 9 then updated_at end), local_day(due_at)], coalesce((state)::text, '') || '|' || coalesce((case when late = 1 then 'late' when due_at is null then 'on_time' else 'pending' end)::text, '') || '|' || coalesce((channel)::text, '') || '|' || coalesce((case when category = '' then 'none' else category end)::text, ''), -count(*) from old_rows
        group by 2, 3, 4;
    elsif tg_op = 'UPDATE' then
        insert into kept_changes (measure, territory, days, key, n)
        select c.measure, c.territory, c.days, c.key, sum(c.n)
        from (
            select 'cases', territory, array[local_day(reported_at), local_day(case when state = 9 then updated_at end), local_day(due_at)], coalesce((state)::text, '') || '|' || coalesce((case when late = 1 then 'late' when due_at is null then 'on_time' else 'pending' end)::text, '') || '|' || coalesce((channel)::text, '') || '|' || coalesce((case when category = '' then 'none' else category end)::text, ''), 1 from new_rows
            union all
            select 'cases', territory, array[local_day(reported_at), local_day(case when state = 9 then updated_at end), local_day(due_at)], coalesce((state)::text, '') || '|' || coalesce((case when late = 1 then 'late' when due_at is null then 'on_time' else 'pending' end)::text, '') || '|' || coalesce((channel)::text, '') || '|' || coalesce((case when category = '' then 'none' else category end)::text, ''), -1 from old_rows
        ) c (measure, territory, days, key, n)
        group by 1, 2, 3, 4
        having sum(c.n) <> 0;
    else
        raise exception 'counts are kept of these rows: delete them instead';
    end if;
    return null;
end $$;

create trigger cases_kept_insert after insert on cases referencing new table as new_rows
    for each statement execute function keep_cases();
create trigger cases_kept_update after update on cases referencing old table as old_rows new table as new_rows
    for each statement execute function keep_cases();
create trigger cases_kept_delete after delete on cases referencing old table as old_rows
    for each statement execute function keep_cases();
create trigger cases_kept_truncate before truncate on cases for each statement execute function keep_cases();

insert into kept_changes (measure, territory, days, key, n)
select 'cases', territory, array[local_day(reported_at), local_day(case when state = 9 then updated_at end), local_day(due_at)], coalesce((state)::text, '') || '|' || coalesce((case when late = 1 then 'late' when due_at is null then 'on_time' else 'pending' end)::text, '') || '|' || coalesce((channel)::text, '') || '|' || coalesce((case when category = '' then 'none' else category end)::text, ''), count(*) from cases
group by 2, 3, 4;
