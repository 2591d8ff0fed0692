using Governance.ServiceDefaults.Database;

namespace Governance.Grids.Cases;

/// <summary>Numbers that people quote. Taken from the database in blocks, so that a report costs no round trip for one.</summary>
public sealed class CaseNumbers(ServiceDatabase database)
{
    /// <summary>As the sequence's increment says.</summary>
    private const int BlockSize = 1000;

    private readonly SemaphoreSlim gate = new(1, 1);
    private long next;
    private long end;

    public async ValueTask<long> NextAsync(CancellationToken cancellation)
    {
        await gate.WaitAsync(cancellation);
        try
        {
            if (next == end)
            {
                next = await database.FirstAsync("select nextval('case_numbers')", r => r.GetInt64(0), [], cancellation);
                end = next + BlockSize;
            }
            return next++;
        }
        finally
        {
            gate.Release();
        }
    }
}
