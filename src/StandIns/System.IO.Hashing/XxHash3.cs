using System.Buffers.Binary;
using System.Numerics;

namespace System.IO.Hashing;

/// <summary>XXH3, 64 bits, after the algorithm's published description.</summary>
public static class XxHash3
{
    private const ulong Prime32_1 = 0x9E3779B1;
    private const ulong Prime32_2 = 0x85EBCA77;
    private const ulong Prime32_3 = 0xC2B2AE3D;
    private const ulong Prime64_1 = 0x9E3779B185EBCA87;
    private const ulong Prime64_2 = 0xC2B2AE3D27D4EB4F;
    private const ulong Prime64_3 = 0x165667B19E3779F9;
    private const ulong Prime64_4 = 0x85EBCA77C2B2AE63;
    private const ulong Prime64_5 = 0x27D4EB2F165667C5;
    private const ulong PrimeMx1 = 0x165667919E3779F9;
    private const ulong PrimeMx2 = 0x9FB21C651E98DF25;

    private const int StripeBytes = 64;
    private const int SecretBytes = 192;
    private const int SecretStep = 8;
    private const int BlockBytes = (SecretBytes - StripeBytes) / SecretStep * StripeBytes;

    private static ReadOnlySpan<byte> DefaultSecret =>
    [
        0xb8, 0xfe, 0x6c, 0x39, 0x23, 0xa4, 0x4b, 0xbe, 0x7c, 0x01, 0x81, 0x2c, 0xf7, 0x21, 0xad, 0x1c,
        0xde, 0xd4, 0x6d, 0xe9, 0x83, 0x90, 0x97, 0xdb, 0x72, 0x40, 0xa4, 0xa4, 0xb7, 0xb3, 0x67, 0x1f,
        0xcb, 0x79, 0xe6, 0x4e, 0xcc, 0xc0, 0xe5, 0x78, 0x82, 0x5a, 0xd0, 0x7d, 0xcc, 0xff, 0x72, 0x21,
        0xb8, 0x08, 0x46, 0x74, 0xf7, 0x43, 0x24, 0x8e, 0xe0, 0x35, 0x90, 0xe6, 0x81, 0x3a, 0x26, 0x4c,
        0x3c, 0x28, 0x52, 0xbb, 0x91, 0xc3, 0x00, 0xcb, 0x88, 0xd0, 0x65, 0x8b, 0x1b, 0x53, 0x2e, 0xa3,
        0x71, 0x64, 0x48, 0x97, 0xa2, 0x0d, 0xf9, 0x4e, 0x38, 0x19, 0xef, 0x46, 0xa9, 0xde, 0xac, 0xd8,
        0xa8, 0xfa, 0x76, 0x3f, 0xe3, 0x9c, 0x34, 0x3f, 0xf9, 0xdc, 0xbb, 0xc7, 0xc7, 0x0b, 0x4f, 0x1d,
        0x8a, 0x51, 0xe0, 0x4b, 0xcd, 0xb4, 0x59, 0x31, 0xc8, 0x9f, 0x7e, 0xc9, 0xd9, 0x78, 0x73, 0x64,
        0xea, 0xc5, 0xac, 0x83, 0x34, 0xd3, 0xeb, 0xc3, 0xc5, 0x81, 0xa0, 0xff, 0xfa, 0x13, 0x63, 0xeb,
        0x17, 0x0d, 0xdd, 0x51, 0xb7, 0xf0, 0xda, 0x49, 0xd3, 0x16, 0x55, 0x26, 0x29, 0xd4, 0x68, 0x9e,
        0x2b, 0x16, 0xbe, 0x58, 0x7d, 0x47, 0xa1, 0xfc, 0x8f, 0xf8, 0xb8, 0xd1, 0x7a, 0xd0, 0x31, 0xce,
        0x45, 0xcb, 0x3a, 0x8f, 0x95, 0x16, 0x04, 0x28, 0xaf, 0xd7, 0xfb, 0xca, 0xbb, 0x4b, 0x40, 0x7e,
    ];

    public static ulong HashToUInt64(ReadOnlySpan<byte> source, long seed = 0) => source.Length switch
    {
        0 => Avalanche64((ulong)seed ^ Word(DefaultSecret, 56) ^ Word(DefaultSecret, 64)),
        <= 3 => HashTo3(source, (ulong)seed),
        <= 8 => HashTo8(source, (ulong)seed),
        <= 16 => HashTo16(source, (ulong)seed),
        <= 128 => HashTo128(source, (ulong)seed),
        <= 240 => HashTo240(source, (ulong)seed),
        _ => HashLong(source, (ulong)seed),
    };

    private static ulong HashTo3(ReadOnlySpan<byte> source, ulong seed)
    {
        var length = source.Length;
        var combined = source[length - 1] | (uint)length << 8 | (uint)source[0] << 16 | (uint)source[length >> 1] << 24;
        return Avalanche64((HalfWord(DefaultSecret, 0) ^ HalfWord(DefaultSecret, 4)) + seed ^ combined);
    }

    private static ulong HashTo8(ReadOnlySpan<byte> source, ulong seed)
    {
        seed ^= (ulong)BinaryPrimitives.ReverseEndianness((uint)seed) << 32;
        var combined = HalfWord(source, source.Length - 4) | HalfWord(source, 0) << 32;
        var value = (Word(DefaultSecret, 8) ^ Word(DefaultSecret, 16)) - seed ^ combined;
        value ^= BitOperations.RotateLeft(value, 49) ^ BitOperations.RotateLeft(value, 24);
        value *= PrimeMx2;
        value ^= (value >> 35) + (ulong)source.Length;
        value *= PrimeMx2;
        return value ^ value >> 28;
    }

    private static ulong HashTo16(ReadOnlySpan<byte> source, ulong seed)
    {
        var low = (Word(DefaultSecret, 24) ^ Word(DefaultSecret, 32)) + seed ^ Word(source, 0);
        var high = (Word(DefaultSecret, 40) ^ Word(DefaultSecret, 48)) - seed ^ Word(source, source.Length - 8);
        return Avalanche((ulong)source.Length + BinaryPrimitives.ReverseEndianness(low) + high + MultiplyFold(low, high));
    }

    private static ulong HashTo128(ReadOnlySpan<byte> source, ulong seed)
    {
        var sum = (ulong)source.Length * Prime64_1;
        for (var i = (source.Length - 1) / 32; i >= 0; i--)
        {
            sum += Mix(source, i * 16, i * 32, seed);
            sum += Mix(source, source.Length - i * 16 - 16, i * 32 + 16, seed);
        }

        return Avalanche(sum);
    }

    private static ulong HashTo240(ReadOnlySpan<byte> source, ulong seed)
    {
        var sum = (ulong)source.Length * Prime64_1;
        for (var i = 0; i < 8; i++) sum += Mix(source, i * 16, i * 16, seed);

        sum = Avalanche(sum);
        for (var i = 8; i < source.Length / 16; i++) sum += Mix(source, i * 16, (i - 8) * 16 + 3, seed);

        return Avalanche(sum + Mix(source, source.Length - 16, 119, seed));
    }

    private static ulong HashLong(ReadOnlySpan<byte> source, ulong seed)
    {
        Span<byte> secret = stackalloc byte[SecretBytes];
        DeriveSecret(secret, seed);
        Span<ulong> sums =
            [Prime32_3, Prime64_1, Prime64_2, Prime64_3, Prime64_4, Prime32_2, Prime64_5, Prime32_1];

        var rest = source;
        while (rest.Length > BlockBytes)
        {
            AccumulateStripes(sums, rest[..BlockBytes], secret);
            Scramble(sums, secret[(SecretBytes - StripeBytes)..]);
            rest = rest[BlockBytes..];
        }

        AccumulateStripes(sums, rest[..((rest.Length - 1) / StripeBytes * StripeBytes)], secret);
        // The last 64 bytes count once more as a stripe of their own, wherever the block borders fall.
        Accumulate(sums, source[^StripeBytes..], secret[(SecretBytes - StripeBytes - 7)..]);

        var result = (ulong)source.Length * Prime64_1;
        for (var i = 0; i < 4; i++)
        {
            var at = 11 + i * 16;
            result += MultiplyFold(sums[2 * i] ^ Word(secret, at), sums[2 * i + 1] ^ Word(secret, at + 8));
        }

        return Avalanche(result);
    }

    private static void DeriveSecret(Span<byte> secret, ulong seed)
    {
        for (var at = 0; at < SecretBytes; at += 16)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(secret[at..], Word(DefaultSecret, at) + seed);
            BinaryPrimitives.WriteUInt64LittleEndian(secret[(at + 8)..], Word(DefaultSecret, at + 8) - seed);
        }
    }

    private static void AccumulateStripes(Span<ulong> sums, ReadOnlySpan<byte> stripes, ReadOnlySpan<byte> secret)
    {
        for (var n = 0; n < stripes.Length / StripeBytes; n++)
            Accumulate(sums, stripes.Slice(n * StripeBytes, StripeBytes), secret.Slice(n * SecretStep, StripeBytes));
    }

    private static void Accumulate(Span<ulong> sums, ReadOnlySpan<byte> stripe, ReadOnlySpan<byte> secret)
    {
        for (var i = 0; i < 8; i++)
        {
            var data = Word(stripe, i * 8);
            var keyed = data ^ Word(secret, i * 8);
            sums[i ^ 1] += data;
            sums[i] += (uint)keyed * (keyed >> 32);
        }
    }

    private static void Scramble(Span<ulong> sums, ReadOnlySpan<byte> secret)
    {
        for (var i = 0; i < 8; i++) sums[i] = (sums[i] ^ sums[i] >> 47 ^ Word(secret, i * 8)) * Prime32_1;
    }

    private static ulong Mix(ReadOnlySpan<byte> source, int at, int secretAt, ulong seed) => MultiplyFold(
        Word(source, at) ^ Word(DefaultSecret, secretAt) + seed,
        Word(source, at + 8) ^ Word(DefaultSecret, secretAt + 8) - seed);

    private static ulong MultiplyFold(ulong left, ulong right)
    {
        var high = Math.BigMul(left, right, out var low);
        return high ^ low;
    }

    private static ulong Avalanche(ulong value)
    {
        value = (value ^ value >> 37) * PrimeMx1;
        return value ^ value >> 32;
    }

    private static ulong Avalanche64(ulong value)
    {
        value = (value ^ value >> 33) * Prime64_2;
        value = (value ^ value >> 29) * Prime64_3;
        return value ^ value >> 32;
    }

    private static ulong Word(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);

    private static ulong HalfWord(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);
}
