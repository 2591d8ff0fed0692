using Npgsql;

namespace Governance.Grids.Staffing;

/// <summary>How parts of records stand in their columns.</summary>
internal static class Parts
{
    // Rows are written as arrays of small numbers; there is none of booleans.
    public static short Flag(bool value) => value ? (short)1 : (short)0;

    /// <summary>The state of what is active, 1, or over, 2.</summary>
    public static short State(bool active) => active ? (short)1 : (short)2;

    public static DateOnly Day(this NpgsqlDataReader reader, int column) => reader.GetFieldValue<DateOnly>(column);

    public static DateOnly? DayOrNull(this NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.Day(column);
}
