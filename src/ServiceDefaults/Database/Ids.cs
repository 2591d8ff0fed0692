namespace Governance.ServiceDefaults.Database;

/// <summary>Where ids come from: a true edge, since they are random.</summary>
public interface IIds
{
    Guid New(DateTimeOffset now);
}

/// <summary>UUIDs of version 7: they sort by time, so that new rows go to the end of their indexes.</summary>
public sealed class TimeOrderedIds : IIds
{
    public Guid New(DateTimeOffset now) => Guid.CreateVersion7(now);
}
