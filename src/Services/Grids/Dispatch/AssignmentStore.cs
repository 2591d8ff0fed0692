using Governance.Grids.V1;
using Governance.ServiceDefaults.Database;
using Npgsql;
using static Governance.ServiceDefaults.Database.Sql;
using Case = Governance.Grids.Cases.Case;

namespace Governance.Grids.Dispatch;

/// <summary>Every assignment as a row, for queues and loads. A case reads its newest ones from its own row.</summary>
public sealed class AssignmentStore(ServiceDatabase database)
{
    public const int MaxRows = 500;

    public const string Columns = """
        a.id, a.case_id, a.role, a.organisation_id, a.organisation_name, a.subject, a.given_at, a.due_at, a.object_by, a.state, a.result,
        a.assigned_by, a.assigned_from, a.assigned_at, a.accepted_at, a.ended_at, a.objection
        """;

    /// <summary>How many <see cref="Columns"/> there are: others follow them.</summary>
    public const int Width = 17;

    private static readonly Insert Rows = new(
        "dispatch_assignments",
        "id uuid, case_id uuid, territory text, role smallint, organisation_id uuid, organisation_name text, subject text, "
        + "given_at timestamptz, due_at timestamptz, object_by timestamptz, state smallint, result text, assigned_by text, "
        + "assigned_from text, assigned_at timestamptz, accepted_at timestamptz, ended_at timestamptz, objection jsonb");

    private static readonly Update Changes = new(
        "dispatch_assignments",
        "id uuid",
        "subject text, given_at timestamptz, due_at timestamptz, state smallint, result text, accepted_at timestamptz, "
        + "ended_at timestamptz, objection jsonb");

    /// <summary>What a step has changed. Whatever was open and is not carried on is withdrawn.</summary>
    public static void Save(Command command, Case current, Case next)
    {
        foreach (var assignment in next.Assignments)
        {
            var before = current.Assignments.FirstOrDefault(a => a.Id == assignment.Id);
            if (before is null)
                Add(command, next, assignment);
            else if (before != assignment)
                Change(command, assignment);
        }
        foreach (var left in current.Assignments.Where(a => a.IsOpen && next.Assignments.All(n => n.Id != a.Id)))
            Change(command, AssignmentRules.Ended(left, "Redispatched", command.Now));
    }

    public Task<List<V1.Assignment>> OfCaseAsync(Guid caseId, Guid? organisation, CancellationToken cancellation) =>
        database.QueryAsync(
            $"""
            select {Columns} from dispatch_assignments a
            where a.case_id = $1 and ($2::uuid is null or a.organisation_id = $2)
            order by a.assigned_at desc, a.role, a.id limit {MaxRows}
            """,
            Read,
            [P(caseId), N(organisation)],
            cancellation);

    public static V1.Assignment Read(NpgsqlDataReader reader) => DispatchMessages.ToMessage(
        new Assignment
        {
            Id = reader.GetGuid(0),
            Role = (AssignmentRole)reader.GetInt16(2),
            OrganisationId = reader.GetGuid(3),
            Name = reader.GetString(4),
            Subject = reader.GetString(5),
            GivenAt = reader.InstantOrNull(6),
            DueAt = reader.Instant(7),
            ObjectBy = reader.InstantOrNull(8),
            State = (AssignmentState)reader.GetInt16(9),
            Result = reader.GetString(10),
            AssignedBy = reader.GetString(11),
            AssignedFrom = reader.GetString(12),
            AssignedAt = reader.Instant(13),
            AcceptedAt = reader.InstantOrNull(14),
            EndedAt = reader.InstantOrNull(15),
            Objection = reader.JsonOrNull<Objection>(16),
        },
        reader.GetGuid(1));

    private static void Add(Command command, Case of, Assignment row) => command.Write(
        Rows, row.Id, of.Id, of.Territory, (short)row.Role, row.OrganisationId, row.Name, row.Subject, row.GivenAt, row.DueAt,
        row.ObjectBy, (short)row.State, row.Result, row.AssignedBy, row.AssignedFrom, row.AssignedAt, row.AcceptedAt, row.EndedAt,
        JsonOrNull(row.Objection));

    private static void Change(Command command, Assignment row) => command.Write(
        Changes, row.Id, row.Subject, row.GivenAt, row.DueAt, (short)row.State, row.Result, row.AcceptedAt, row.EndedAt,
        JsonOrNull(row.Objection));
}
