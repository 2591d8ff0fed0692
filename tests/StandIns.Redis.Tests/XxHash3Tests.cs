using System.IO.Hashing;

namespace Governance.StandIns.Redis.Tests;

/// <summary>Expected values come from the reference implementation of the algorithm.</summary>
public sealed class XxHash3Tests
{
    private const long Seed = unchecked((long)0x9E3779B97F4A7C15);

    [Theory]
    [InlineData(0, 0x2D06800538D394C2, 0x602B0E2CD6662C8B)]
    [InlineData(1, 0x4C5CCA45D0F4811F, 0x2F3ACD3805F81DE3)]
    [InlineData(4, 0x5C4C63133443D03F, 0x6C3753177C607DE4)]
    [InlineData(9, 0x7C20DF9712C26EDF, 0x93C5AA006102DAF5)]
    [InlineData(17, 0xB58BF5DC5022D071, 0xB7C99D19BE27EB69)]
    [InlineData(129, 0x1648BDC3DB49D1A2, 0x5E3831B221810B00)]
    [InlineData(241, 0x956CAE592C67279E, 0x2BE236BA3BACF75C)]
    [InlineData(1025, 0x66C4487C41E127A7, 0x8DC3A55E9C26D886)]
    [InlineData(65537, 0x44695D3CD219E355, 0x44C0C993FDCE1D4F)]
    public void Hash_of_a_length_is_that_of_the_reference(int length, ulong unseeded, ulong seeded)
    {
        XxHash3.HashToUInt64(Bytes(length), 0).ShouldBe(unseeded);
        XxHash3.HashToUInt64(Bytes(length), Seed).ShouldBe(seeded);
    }

    [Fact]
    public void Hashes_of_all_lengths_to_3000_are_those_of_the_reference()
    {
        var sum = 0UL;
        for (var length = 0; length <= 3000; length++)
            sum = unchecked(sum * 31 + XxHash3.HashToUInt64(Bytes(length), length * Seed));

        sum.ShouldBe(0x2DEBAA7C0575F9FBUL);
    }

    private static byte[] Bytes(int length) => [.. Enumerable.Range(0, length).Select(i => unchecked((byte)(i * 131 + 7)))];
}
