using System.Text.Json;
using Governance.ServiceDefaults.Events;
using Npgsql;
using NpgsqlTypes;

namespace Governance.ServiceDefaults.Database;

/// <summary>Positional parameters and column readers, short enough to stand beside the SQL that they serve.</summary>
public static class Sql
{
    public static NpgsqlParameter P(Guid value) => new NpgsqlParameter<Guid> { TypedValue = value };

    public static NpgsqlParameter P(int value) => new NpgsqlParameter<int> { TypedValue = value };

    public static NpgsqlParameter P(long value) => new NpgsqlParameter<long> { TypedValue = value };

    public static NpgsqlParameter P(bool value) => new NpgsqlParameter<bool> { TypedValue = value };

    public static NpgsqlParameter P(double value) => new NpgsqlParameter<double> { TypedValue = value };

    public static NpgsqlParameter P(string value) => new NpgsqlParameter<string> { TypedValue = value };

    public static NpgsqlParameter P(byte[] value) => new NpgsqlParameter<byte[]> { TypedValue = value };

    public static NpgsqlParameter P(DateTimeOffset value) => new NpgsqlParameter<DateTime> { TypedValue = value.UtcDateTime };

    public static NpgsqlParameter P(DateOnly value) => new NpgsqlParameter<DateOnly> { TypedValue = value };

    public static NpgsqlParameter P(string[] value) => new NpgsqlParameter<string[]> { TypedValue = value };

    public static NpgsqlParameter P(Guid[] value) => new NpgsqlParameter<Guid[]> { TypedValue = value };

    public static NpgsqlParameter P(long[] value) => new NpgsqlParameter<long[]> { TypedValue = value };

    public static NpgsqlParameter N(Guid? value) => Nullable(value, NpgsqlDbType.Uuid);

    public static NpgsqlParameter N(DateTimeOffset? value) => Nullable(value?.UtcDateTime, NpgsqlDbType.TimestampTz);

    public static DateTimeOffset Instant(this NpgsqlDataReader reader, int column) => reader.GetFieldValue<DateTimeOffset>(column);

    public static DateTimeOffset? InstantOrNull(this NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);

    public static string? TextOrNull(this NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    public static Guid? GuidOrNull(this NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetGuid(column);

    public static double? DoubleOrNull(this NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetDouble(column);

    public static int? IntOrNull(this NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetInt32(column);

    /// <summary>A part of a record as it stands in a jsonb column.</summary>
    public static string Json<T>(T part) => JsonSerializer.Serialize(part, EventJson.Options);

    public static string? JsonOrNull<T>(T? part)
        where T : class => part is null ? null : Json(part);

    public static T Json<T>(this NpgsqlDataReader reader, int column) => JsonSerializer.Deserialize<T>(reader.GetString(column), EventJson.Options)!;

    public static T? JsonOrNull<T>(this NpgsqlDataReader reader, int column)
        where T : class => reader.IsDBNull(column) ? null : reader.Json<T>(column);

    private static NpgsqlParameter Nullable(object? value, NpgsqlDbType type) => new() { Value = value ?? DBNull.Value, NpgsqlDbType = type };
}
