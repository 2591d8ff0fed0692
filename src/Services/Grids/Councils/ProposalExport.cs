using Google.Protobuf.WellKnownTypes;
using Governance.Common.V1;
using Governance.ServiceDefaults.Database;
using Npgsql;

namespace Governance.Grids.Councils;

/// <summary>What is told to whoever has proposed or supported something: a proposal's text is its proposer's alone.</summary>
internal static class ProposalExport
{
    /// <summary>From the columns id, territory, proposed_at, title, text, and whether the subject proposed it.</summary>
    public static ExportSubjectResponse Read(NpgsqlDataReader reader, string kind)
    {
        var proposed = reader.GetBoolean(5);
        var export = new ExportSubjectResponse
        {
            Kind = kind,
            RecordId = reader.GetGuid(0).ToString(),
            Territory = reader.GetString(1),
            At = reader.Instant(2).ToTimestamp(),
        };
        export.Fields.Add("title", reader.GetString(3));
        export.Fields.Add("part", proposed ? "proposer" : "supporter");
        if (proposed)
            export.Fields.Add("text", reader.GetString(4));
        return export;
    }
}
