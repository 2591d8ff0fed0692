using Governance.Grids.Boundaries;
using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Imports;
using Npgsql;
using NpgsqlTypes;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.Grids.Meetings;

/// <summary>A row that is good, with its parts as the tables keep them.</summary>
public sealed record KeptMeeting(MeetingRow Row, string Territory, IReadOnlyList<Attended> Attendance, IReadOnlyList<KeptDebrief> Debriefs);

/// <summary>A debrief of a row, by organisation.</summary>
public sealed record KeptDebrief(Guid OrganisationId, Appraisal Appraisal);

/// <summary>Meetings that were held before, by code; a repeat changes nothing, and what differs corrects what is there.</summary>
public sealed class MeetingImport(DateTimeOffset now) : ImportTarget<MeetingRow, KeptMeeting>
{
    private const string SameMeeting = "left(m.territory, 4) = left(s.territory, 4) and m.code = s.code and m.code <> ''";

    private const string CurrentDebriefs = """
        (select coalesce(jsonb_agg(jsonb_build_object('organisationId', d.organisation_id, 'appraisal', jsonb_build_object(
            'papers', d.papers, 'good', d.good, 'fairlyGood', d.fairly_good, 'average', d.average, 'poor', d.poor,
            'unmarked', d.unmarked)) order by d.place), '[]')
         from meeting_debriefs d where d.meeting_id = m.id)
        """;

    public override string CreateStaging => """
        create temporary table staging (
            row_number bigint, code text collate "C", territory text collate "C", kind smallint, held_at timestamptz, place text,
            attendance jsonb, minutes text, debriefs jsonb) on commit drop
        """;

    public override string CopyStaging =>
        "copy staging (row_number, code, territory, kind, held_at, place, attendance, minutes, debriefs) from stdin (format binary)";

    /// <summary>Debriefs that are being planned are waited for, and those that come meanwhile wait for these rows.</summary>
    public override IReadOnlyList<string> BeforeMerge { get; } = [$"select pg_advisory_xact_lock({MeetingStore.DebriefLock})"];

    // A grid that has ended since had its meetings too. It has one debrief a year: the first row's, unless there is one already that
    // no row corrects.
    public override string FindStagedErrors => $"""
        with here as (
            select *, kind = 2 and row_number() over (
                partition by territory, kind, extract(year from local_day(held_at)) order by staging.row_number) > 1 as again
            from staging where territory >= $1 and territory < $2 and length(territory) > 12),
        judged as (
            select s.row_number, s.code, case
                when not exists (select 1 from grids g where g.code = s.territory) then '{BoundaryErrors.GridNotFound.Reason}'
                when s.again or (s.kind = 2 and exists (
                    select 1 from meetings m
                    where m.territory = s.territory and m.kind = 2 and m.state <> 5
                      and extract(year from local_day(m.starts_at)) = extract(year from local_day(s.held_at))
                      and not (m.code <> '' and exists (
                          select 1 from staging o where o.code = m.code and left(o.territory, 4) = left(m.territory, 4)))))
                    then '{MeetingErrors.DebriefTwice.Reason}' end as reason
            from here s)
        select row_number, code, case reason when '{BoundaryErrors.GridNotFound.Reason}' then 'territory' else 'held_at' end, reason
        from judged where reason is not null
        union all
        select s.row_number, s.code, 'territory', '{ImportErrors.TerritoryOutside.Reason}'
        from staging s join meetings m on {SameMeeting} where m.territory < $1 or m.territory >= $2
        order by row_number
        """;

    public override string Merge => $"""
        with changed as (
            select s.* from staging s
            left join meetings m on {SameMeeting}
            where m.id is null
               or (m.territory, m.kind, m.starts_at, m.place, m.attendance, m.minutes, {CurrentDebriefs})
                  is distinct from (s.territory, s.kind, s.held_at, s.place, s.attendance, s.minutes, s.debriefs)),
        merged as (
            insert into meetings as kept (
                id, code, kind, territory, state, starts_at, place, notice, agenda, attendance, minutes, minutes_edition, minutes_by,
                matters, approved_by, approved_at, cancel_reason, updated_at, version)
            select gen_random_uuid(), code, kind, territory, 4, held_at, place, '', '[]', attendance, minutes, 1, '', '[]', '', held_at, '',
                $1, 1
            from changed order by code
            on conflict ((left(territory, 4)), code) where code <> '' do update
            set kind = excluded.kind, territory = excluded.territory, starts_at = excluded.starts_at, place = excluded.place,
                attendance = excluded.attendance, minutes = excluded.minutes,
                minutes_edition = kept.minutes_edition + (kept.minutes <> excluded.minutes)::int,
                approved_at = excluded.approved_at, updated_at = excluded.updated_at, version = kept.version + 1
            returning (xmax = 0) as created)
        select count(*) filter (where created), count(*) filter (where not created) from merged
        """;

    // Statements of their own, after the meetings were locked by the merge. Only of meetings that this transaction wrote.
    public override IReadOnlyList<string> AfterMerge { get; } =
    [
        $"""
        delete from meeting_debriefs d using meetings m join staging s on {SameMeeting}
        where m.xmin = pg_current_xact_id()::xid and d.meeting_id = m.id
        """,
        $"""
        insert into meeting_debriefs (
            id, meeting_id, territory, place, subject, organisation_id, papers, good, fairly_good, average, poor, unmarked)
        select gen_random_uuid(), m.id, m.territory, p.place, '', (p.debrief ->> 'organisationId')::uuid,
            (a ->> 'papers')::int, (a ->> 'good')::int, (a ->> 'fairlyGood')::int, (a ->> 'average')::int, (a ->> 'poor')::int,
            (a ->> 'unmarked')::int
        from meetings m join staging s on {SameMeeting}
        cross join lateral jsonb_array_elements(s.debriefs) with ordinality as p (debrief, place)
        cross join lateral (select p.debrief -> 'appraisal') as q (a)
        where m.xmin = pg_current_xact_id()::xid
        """,
        $"""
        insert into meeting_minutes (meeting_id, edition, minutes, writer, at)
        select m.id, m.minutes_edition, m.minutes, '', m.updated_at
        from meetings m join staging s on {SameMeeting}
        where m.xmin = pg_current_xact_id()::xid
        on conflict (meeting_id, edition) do nothing
        """,
    ];

    public override ErrorDefinition StagedError(string reason) =>
        reason == BoundaryErrors.GridNotFound.Reason ? BoundaryErrors.GridNotFound
        : reason == MeetingErrors.DebriefTwice.Reason ? MeetingErrors.DebriefTwice
        : base.StagedError(reason);

    public override string CodeOf(MeetingRow row) => row.Code;

    public override string TerritoryOf(MeetingRow row) => row.Territory;

    public override KeptMeeting Prepare(MeetingRow row, List<Violation> violations)
    {
        var territory = TerritoryCode.Parse(row.Territory);
        if (territory.Level != MeetingRules.LevelOf(row.Kind))
            violations.Add(Violation.Of("territory", MeetingErrors.TerritoryInvalid));
        if (row.HeldAt.ToDateTimeOffset() > now)
            violations.Add(Violation.Of("held_at", MeetingErrors.InFuture));
        var attendance = MeetingMessages.ToAttendance(row.Attendance);
        if (MeetingRules.ProblemOf(row.Kind, attendance) is { } problem)
            violations.Add(problem);
        if (!MeetingRules.AreDebriefersOf(row.Kind, [.. row.Debriefs.Select(d => d.OrganisationId)]))
            violations.Add(Violation.Of("debriefs", MeetingErrors.DebriefersInvalid));
        var residents = attendance.Where(a => a.Kind is MeetingAttendeeKind.Resident).Sum(a => a.Count);
        var debriefs = row.Debriefs
            .Select(d => new KeptDebrief(Guid.Parse(d.OrganisationId), MeetingMessages.ToAppraisal(d.Appraisal))).ToList();
        for (var i = 0; i < debriefs.Count; i++)
            if (MeetingRules.ProblemOf(debriefs[i].Appraisal, residents) is { } wrong)
                violations.Add(wrong with { Field = $"debriefs[{i}].appraisal" });
        return new KeptMeeting(row, territory.ToString(), attendance, debriefs);
    }

    public override async Task StageAsync(NpgsqlBinaryImporter importer, KeptMeeting kept, CancellationToken cancellation)
    {
        await importer.WriteAsync(kept.Row.Code, NpgsqlDbType.Text, cancellation);
        await importer.WriteAsync(kept.Territory, NpgsqlDbType.Text, cancellation);
        await importer.WriteAsync((short)kept.Row.Kind, NpgsqlDbType.Smallint, cancellation);
        await importer.WriteAsync(kept.Row.HeldAt.ToDateTime(), NpgsqlDbType.TimestampTz, cancellation);
        await importer.WriteAsync(kept.Row.Place, NpgsqlDbType.Text, cancellation);
        await importer.WriteAsync(Json(kept.Attendance), NpgsqlDbType.Jsonb, cancellation);
        await importer.WriteAsync(kept.Row.Minutes, NpgsqlDbType.Text, cancellation);
        await importer.WriteAsync(Json(kept.Debriefs), NpgsqlDbType.Jsonb, cancellation);
    }
}
