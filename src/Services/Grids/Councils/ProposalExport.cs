using Governance.Common.V1;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Privacy;
using Npgsql;

namespace Governance.Grids.Councils;

/// <summary>What is told to whoever has proposed or supported something: a proposal's text is its proposer's alone.</summary>
internal static class ProposalExport
{
    public const string Proposer = "proposer";

    public const string Supporter = "supporter";

    /// <summary>From the columns id, territory, proposed_at, title, text, and the subject's part in it.</summary>
    public static ExportSubjectResponse Read(NpgsqlDataReader reader, string kind)
    {
        var part = reader.GetString(5);
        return SubjectExport.Of(
            kind, reader.GetGuid(0), reader.GetString(1), reader.Instant(2),
            ("title", reader.GetString(3)), ("part", part), ("text", part is Proposer ? reader.GetString(4) : ""));
    }
}
