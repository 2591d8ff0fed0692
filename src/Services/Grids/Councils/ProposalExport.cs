using Google.Protobuf.WellKnownTypes;
using Governance.Common.V1;
using Governance.ServiceDefaults.Database;
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
        var export = new ExportSubjectResponse
        {
            Kind = kind,
            RecordId = reader.GetGuid(0).ToString(),
            Territory = reader.GetString(1),
            At = reader.Instant(2).ToTimestamp(),
        };
        export.Fields.Add("title", reader.GetString(3));
        export.Fields.Add("part", part);
        if (part is Proposer)
            export.Fields.Add("text", reader.GetString(4));
        return export;
    }
}
