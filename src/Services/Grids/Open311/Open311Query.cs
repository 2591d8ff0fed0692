using System.Globalization;
using Governance.Primitives;
using Governance.ServiceDefaults.Errors;

namespace Governance.Grids.Open311;

/// <summary>
/// What GET requests asks for, pure. <see cref="Ids"/> override everything else when there are any, as the specification says.
/// </summary>
public sealed record Open311Query(
    Guid[] Ids, string[] Services, bool? Closed, DateTimeOffset From, DateTimeOffset Until, int Page, int PageSize)
{
    public const int MaxDays = 90;
    public const int MaxPageSize = 1000;
    public const int MaxPage = 1000;

    /// <summary>Requests that are passed over are read all the same.</summary>
    public const int MaxPassed = 10_000;

    private static readonly TimeSpan MaxSpan = TimeSpan.FromDays(MaxDays);

    private static readonly string[] InstantFormats =
        ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mmK"];

    /// <summary>How many requests stand before those of the page.</summary>
    public int Passed => (Page - 1) * PageSize;

    /// <summary><paramref name="argument"/> gives an argument by its name, empty when it was not sent.</summary>
    public static Outcome<Open311Query> Parse(Func<string, string> argument, DateTimeOffset now)
    {
        var violations = new List<Violation>();
        if (List("service_request_id") is { Length: > 0 } texts)
        {
            var ids = new List<Guid>();
            foreach (var text in texts)
            {
                if (Guid.TryParseExact(text, "D", out var id))
                    ids.Add(id);
                else
                    Malformed("service_request_id", new("a list of ids that this service gave", "本服务给出的编号列表"));
            }
            // What was sent beside them is not even looked at.
            return violations.Count > 0 ? CommonErrors.Invalid(violations) : new Open311Query([.. ids], [], null, now, now, 1, MaxPageSize);
        }
        bool? closed = null;
        var statuses = List("status").Distinct().ToArray();
        if (statuses.Any(s => s is not ("open" or "closed")))
            Malformed("status", new("open, closed, or both with a comma between them", "状态：open、closed，或以逗号分隔的两者"));
        else if (statuses.Length is 1)
            closed = statuses[0] is "closed";

        var start = Instant("start_date");
        var end = Instant("end_date");
        var until = end ?? (start is { } first ? Later(first, MaxSpan) : now);
        var from = start ?? Later(until, -MaxSpan);
        var page = Number("page", 1, MaxPage);
        var pageSize = Number("page_size", MaxPageSize, MaxPageSize);
        if (violations.Count > 0)
            return CommonErrors.Invalid(violations);
        if (until < from || until - from > MaxSpan)
            return Open311Errors.SpanTooLong.With(("days", MaxDays));
        var query = new Open311Query([], List("service_code"), closed, from, until, page, pageSize);
        return query.Passed > MaxPassed ? Open311Errors.PageTooDeep.With(("passed", query.Passed), ("max", MaxPassed)) : query;

        string[] List(string name) => argument(name).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

        void Malformed(string name, Words format) => violations.Add(Violation.Of(name, FieldErrors.Malformed, ("format", format)));

        int Number(string name, int absent, int max)
        {
            var text = argument(name);
            if (text.Length is 0)
                return absent;
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= max)
                return number;
            Malformed(name, new($"a number from 1 to {max}", $"整数（1 至 {max}）"));
            return absent;
        }

        DateTimeOffset? Instant(string name)
        {
            // A plus that was not encoded arrives as a space.
            var text = argument(name).Trim().Replace(' ', '+');
            if (text.Length is 0)
                return null;
            var hasOffset = text[^1] is 'Z' || (text.Length > 6 && text[^6] is '+' or '-');
            if (hasOffset && DateTimeOffset.TryParseExact(text, InstantFormats, CultureInfo.InvariantCulture, DateTimeStyles.None, out var instant))
                return instant;
            Malformed(name, new("an instant with its offset, such as 2026-03-09T09:00:00+08:00", "带时差的时刻，如 2026-03-09T09:00:00+08:00"));
            return null;
        }
    }

    private static DateTimeOffset Later(DateTimeOffset instant, TimeSpan by) =>
        by > TimeSpan.Zero
            ? (DateTimeOffset.MaxValue - instant < by ? DateTimeOffset.MaxValue : instant + by)
            : (instant - DateTimeOffset.MinValue < -by ? DateTimeOffset.MinValue : instant + by);
}
