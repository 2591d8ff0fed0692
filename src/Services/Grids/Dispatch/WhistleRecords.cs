using Google.Protobuf.WellKnownTypes;
using Governance.Contracts.Events;
using Governance.Grids.V1;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Paging;
using Npgsql;
using static Governance.ServiceDefaults.Database.Sql;
using Case = Governance.Grids.Cases.Case;

namespace Governance.Grids.Dispatch;

/// <summary>Whistles as they stay readable after their case has gone elsewhere: written with the case, then with the arrivals.</summary>
public sealed class WhistleRecords(ServiceDatabase database)
{
    private const string Columns =
        "w.id, w.case_id, w.territory, w.blown_by, w.blown_by_subject, w.reason, w.blown_at, w.report_by, w.closed_at, "
        + "w.provisional_year";

    private const string DepartmentColumns =
        "d.organisation_id, d.organisation_name, d.reported_at, d.score, d.score_comment, d.justified, d.justified_comment, d.justified_at";

    private static readonly Insert Whistles = new(
        "dispatch_whistles",
        "id uuid, case_id uuid, territory text, blown_by text, blown_by_subject text, reason text, blown_at timestamptz, "
        + "report_by timestamptz, provisional_year smallint");

    private static readonly Insert Departments = new(
        "dispatch_whistle_departments", "whistle_id uuid, organisation_id uuid, organisation_name text");

    private static readonly Update Closings = new("dispatch_whistles", "id uuid", "closed_at timestamptz");

    private static readonly Update Scores = new(
        "dispatch_whistle_departments", "whistle_id uuid, organisation_id uuid",
        "score smallint, score_comment text, scored_by text, scored_at timestamptz", "kept.score is null");

    private static readonly Update Judgements = new(
        "dispatch_whistle_departments", "whistle_id uuid, organisation_id uuid",
        "justified smallint, justified_comment text, justified_by text, justified_at timestamptz", "kept.justified is null");

    public static void Save(Command command, Case current, Case next)
    {
        if (WhistleRules.IsClosed(current, next))
            command.Write(Closings, current.Whistle!.Id, command.Now);
        if (next.Whistle is not { } blown || blown.Id == current.Whistle?.Id)
            return;
        command.Write(
            Whistles, blown.Id, next.Id, next.Territory, blown.BlownBy, command.Actor.Subject, blown.Reason, blown.BlownAt, blown.ReportBy,
            (short)blown.ProvisionalYear);
        foreach (var called in blown.Responders)
            command.Write(Departments, blown.Id, called.OrganisationId, called.Name);
    }

    /// <summary>A department has come, also when the case is not waiting for it any more; a second arrival changes nothing.</summary>
    public static void Report(Command command, ResponderReported happened) => command.Write(
        "update dispatch_whistle_departments set reported_at = $3 where whistle_id = $1 and organisation_id = $2 and reported_at is null",
        P(happened.WhistleId), P(happened.OrganisationId), P(happened.ReportedAt));

    public static async Task<BlownWhistle?> FindAsync(Guid id, Command command)
    {
        var departments = await command.QueryAsync(
            $"""
            select {DepartmentColumns} from dispatch_whistle_departments d where d.whistle_id = $1
            order by d.organisation_name, d.organisation_id
            """,
            reader => ReadCalled(reader, 0),
            P(id));
        return await command.FirstAsync(
            $"select {Columns} from dispatch_whistles w where w.id = $1", reader => Read(reader, departments), P(id));
    }

    public static void SaveScore(Command command, BlownWhistle whistle, Called scored)
    {
        command.Write(
            Scores, whistle.Id, scored.OrganisationId, (short)scored.Score!.Value, scored.ScoreComment, command.Actor.Subject, command.Now);
        Tell(command, whistle, scored.OrganisationId, scored.Score, null);
    }

    public static void SaveJudgement(Command command, BlownWhistle whistle, Called judged)
    {
        command.Write(
            Judgements, whistle.Id, judged.OrganisationId, (short)(judged.Justified!.Value ? 1 : 0), judged.JustifiedComment,
            command.Actor.Subject, judged.JustifiedAt);
        Tell(command, whistle, judged.OrganisationId, null, judged.Justified);
    }

    /// <summary>Newest first; of one organisation only those that called it, with what concerns it.</summary>
    public async Task<List<BlownWhistle>> ListAsync(
        (string Low, string High) range, Guid? organisation, Guid? caseId, bool openOnly, Page page, CancellationToken cancellation)
    {
        var whistles = await database.QueryAsync(
            $"""
            select {Columns} from dispatch_whistles w
            where w.territory >= $1 and w.territory < $2
              and ($3::uuid is null or exists (
                  select 1 from dispatch_whistle_departments d where d.whistle_id = w.id and d.organisation_id = $3))
              and ($4::uuid is null or w.case_id = $4)
              and (not $5 or w.closed_at is null)
              and ($6::uuid is null or w.id < $6)
            order by w.id desc limit $7
            """,
            reader => Read(reader, []),
            [P(range.Low), P(range.High), N(organisation), N(caseId), P(openOnly), N(page.IdAfter(0)), P(page.Fetch)],
            cancellation);
        var departments = await database.QueryAsync(
            $"""
            select d.whistle_id, {DepartmentColumns} from dispatch_whistle_departments d
            where d.whistle_id = any($1) and ($2::uuid is null or d.organisation_id = $2)
            order by d.organisation_name, d.organisation_id
            """,
            reader => (Whistle: reader.GetGuid(0), Called: ReadCalled(reader, 1)),
            [P(whistles.Select(w => w.Id).ToArray()), N(organisation)],
            cancellation);
        var byWhistle = departments.ToLookup(d => d.Whistle, d => d.Called);
        return whistles.ConvertAll(w => w with { Departments = [.. byWhistle[w.Id]] });
    }

    public Task<List<DepartmentScore>> DepartmentScoresAsync(
        (string Low, string High) range, DateTimeOffset from, DateTimeOffset until, DateTimeOffset now, CancellationToken cancellation) =>
        database.QueryAsync(
            """
            select d.organisation_id, (array_agg(d.organisation_name order by w.blown_at desc))[1], count(*),
                count(*) filter (where came.at <= w.report_by),
                count(*) filter (where came.at > w.report_by),
                count(*) filter (where came.at is null and (w.closed_at is not null or w.report_by < $5)),
                count(d.score), coalesce(sum(d.score), 0)::bigint
            from dispatch_whistles w join dispatch_whistle_departments d on d.whistle_id = w.id
                cross join lateral (select case when d.reported_at > w.closed_at then null else d.reported_at end as at) came
            where w.territory >= $1 and w.territory < $2 and w.blown_at >= $3 and w.blown_at < $4
            group by d.organisation_id order by count(*) desc, d.organisation_id limit 1000
            """,
            reader => new DepartmentScore
            {
                OrganisationId = reader.GetGuid(0).ToString(),
                OrganisationName = reader.GetString(1),
                Called = reader.GetInt64(2),
                InTime = reader.GetInt64(3),
                Late = reader.GetInt64(4),
                Absent = reader.GetInt64(5),
                Scored = reader.GetInt64(6),
                ScoreSum = reader.GetInt64(7),
            },
            [P(range.Low), P(range.High), P(from), P(until), P(now)],
            cancellation);

    public Task<List<WhistlerScore>> WhistlerScoresAsync(
        (string Low, string High) range, DateTimeOffset from, DateTimeOffset until, CancellationToken cancellation) =>
        database.QueryAsync(
            """
            select w.blown_by, count(distinct w.id), count(*), count(*) filter (where d.justified = 1),
                count(*) filter (where d.justified = 0)
            from dispatch_whistles w join dispatch_whistle_departments d on d.whistle_id = w.id
            where w.territory >= $1 and w.territory < $2 and w.blown_at >= $3 and w.blown_at < $4
            group by w.blown_by order by 2 desc, 1 limit 1000
            """,
            reader => new WhistlerScore
            {
                Territory = reader.GetString(0),
                Whistles = reader.GetInt64(1),
                Called = reader.GetInt64(2),
                Justified = reader.GetInt64(3),
                NotJustified = reader.GetInt64(4),
            },
            [P(range.Low), P(range.High), P(from), P(until)],
            cancellation);

    public static WhistleRecord ToMessage(BlownWhistle from, DateTimeOffset now)
    {
        var message = new WhistleRecord
        {
            Id = from.Id.ToString(),
            CaseId = from.CaseId.ToString(),
            Territory = from.Territory,
            BlownBy = from.BlownBy,
            BlownBySubject = from.BlownBySubject,
            Reason = from.Reason,
            BlownAt = from.BlownAt.ToTimestamp(),
            ReportBy = from.ReportBy.ToTimestamp(),
            ClosedAt = from.ClosedAt?.ToTimestamp(),
            ProvisionalYear = from.ProvisionalYear,
        };
        message.Departments.Add(from.Departments.Select(d => new CalledDepartment
        {
            OrganisationId = d.OrganisationId.ToString(),
            OrganisationName = d.Name,
            Arrival = WhistleRules.ArrivalOf(from, d, now),
            ReportedAt = d.ReportedAt?.ToTimestamp(),
            Score = d.Score ?? 0,
            ScoreComment = d.ScoreComment,
            Justified = d.Justified ?? false,
            JustifiedComment = d.JustifiedComment,
            JustifiedAt = d.JustifiedAt?.ToTimestamp(),
        }));
        return message;
    }

    private static void Tell(Command command, BlownWhistle whistle, Guid organisation, int? score, bool? justified)
    {
        command.Concerns(whistle.Territory, whistle.Id);
        command.Publish(new WhistleAppraised(whistle.CaseId, whistle.Id, whistle.Territory, organisation, score, justified, command.Now));
    }

    private static BlownWhistle Read(NpgsqlDataReader reader, IReadOnlyList<Called> departments) => new(
        reader.GetGuid(0), reader.GetGuid(1), reader.GetString(2), reader.GetString(3), reader.GetString(4), reader.GetString(5),
        reader.Instant(6), reader.Instant(7), reader.InstantOrNull(8), reader.GetInt16(9), departments);

    private static Called ReadCalled(NpgsqlDataReader reader, int from) => new(
        reader.GetGuid(from), reader.GetString(from + 1), reader.InstantOrNull(from + 2),
        reader.IsDBNull(from + 3) ? null : reader.GetInt16(from + 3), reader.GetString(from + 4),
        reader.IsDBNull(from + 5) ? null : reader.GetInt16(from + 5) is 1, reader.GetString(from + 6), reader.InstantOrNull(from + 7));
}
