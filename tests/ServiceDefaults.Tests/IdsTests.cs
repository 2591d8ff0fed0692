using Governance.ServiceDefaults.Database;
using Shouldly;
using Xunit;

namespace Governance.ServiceDefaults.Tests;

public sealed class IdsTests
{
    [Fact]
    public void Ids_sort_by_the_microsecond_in_which_they_are_made()
    {
        var ids = new TimeOrderedIds();
        var start = new DateTimeOffset(2026, 3, 9, 1, 0, 0, TimeSpan.Zero);
        var made = Enumerable.Range(0, 3000).Select(n => ids.New(start.AddMicroseconds(n)).ToString()).ToList();
        made.ShouldBeInOrder(SortDirection.Ascending, StringComparer.Ordinal);
        made.ShouldBeUnique();
        made.ShouldAllBe(id => id[14] == '7' && "89ab".Contains(id[19]));
        Enumerable.Range(0, 1000).Select(_ => ids.New(start)).ShouldBeUnique();
        // The first 48 bits are milliseconds, as in any other.
        made[0][..13].ShouldBe(Guid.CreateVersion7(start).ToString()[..13]);
    }
}
