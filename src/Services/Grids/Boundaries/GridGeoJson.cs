using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Governance.Grids.V1;
using NetTopologySuite.Algorithm;

namespace Governance.Grids.Boundaries;

/// <summary>Grids as one GeoJSON FeatureCollection (RFC 7946), in pieces, so that a city's grids never stand in memory together.</summary>
public static class GridGeoJson
{
    public const int PieceBytes = 32 * 1024;

    private const string KindPrefix = "GRID_KIND_";

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // As in the proto: GRID_KIND_BUSINESS_CIRCLE is business_circle.
    private static readonly Dictionary<GridKind, string> Kinds = BoundariesReflection.Descriptor.EnumTypes
        .Single(e => e.ClrType == typeof(GridKind)).Values
        .ToDictionary(v => (GridKind)v.Number, v => v.Name[KindPrefix.Length..].ToLowerInvariant());

    /// <summary>Pieces of text that make one document when put together; each ends after a feature.</summary>
    public static async IAsyncEnumerable<string> WriteAsync(
        IAsyncEnumerable<Grid> grids, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var buffer = new ArrayBufferWriter<byte>(2 * PieceBytes);
        await using var writer = new Utf8JsonWriter(buffer, Options);
        writer.WriteStartObject();
        writer.WriteString("type", "FeatureCollection");
        writer.WriteStartArray("features");
        await foreach (var grid in grids.WithCancellation(cancellation))
        {
            Write(writer, grid);
            writer.Flush();
            if (buffer.WrittenCount < PieceBytes)
                continue;
            yield return Encoding.UTF8.GetString(buffer.WrittenSpan);
            buffer.ResetWrittenCount();
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.Flush();
        yield return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter writer, Grid grid)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "Feature");
        writer.WriteString("id", grid.Code);
        writer.WriteStartObject("geometry");
        writer.WriteString("type", "Polygon");
        writer.WriteStartArray("coordinates");
        writer.WriteStartArray();
        var ring = grid.Area.ExteriorRing.Coordinates;
        // The right-hand rule: an outer ring runs counter-clockwise.
        foreach (var corner in Orientation.IsCCW(ring) ? ring : ring.Reverse())
        {
            writer.WriteStartArray();
            writer.WriteNumberValue(corner.X);
            writer.WriteNumberValue(corner.Y);
            writer.WriteEndArray();
        }
        writer.WriteEndArray();
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteStartObject("properties");
        writer.WriteString("code", grid.Code);
        writer.WriteString("name", grid.Name);
        writer.WriteString("kind", Kinds[grid.Kind]);
        writer.WriteNumber("households", grid.Households);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
