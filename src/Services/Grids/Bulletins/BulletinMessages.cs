using Google.Protobuf.WellKnownTypes;
using Governance.Grids.V1;
using Governance.ServiceDefaults.Database;

namespace Governance.Grids.Bulletins;

/// <summary>Items as those who make a bulletin see them.</summary>
public static class BulletinMessages
{
    public static BulletinItem ToMessage(Item from) => new()
    {
        Id = from.Id.ToString(),
        Territory = from.Territory,
        Section = from.Section,
        Source = from.Source,
        SourceId = from.SourceId?.ToString() ?? "",
        Title = from.Title,
        Text = from.Text,
        State = from.State,
        Edition = from.Edition,
        Issue = from.Issue?.Number ?? 0,
        Period = from.Issue?.Period ?? "",
        DraftedAt = from.DraftedAt.ToTimestamp(),
        PublishedAt = from.PublishedAt?.ToTimestamp(),
        WithdrawnAt = from.WithdrawnAt?.ToTimestamp(),
        PolicyVersion = from.PolicyVersion,
        Etag = Commands.Etag(from.Version),
    };
}
