using System.Text.Json.Nodes;
using Governance.Common.V1;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Events;
using Governance.ServiceDefaults.Privacy;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.Grids.Cases;

/// <summary>
/// Everything that anybody wrote of a case, by whichever capability. What the city's own people wrote is the city's act: it stays
/// when the people whom the case concerns are forgotten, but tells nothing of them.
/// </summary>
public static class CaseWords
{
    // $1 is the case.
    private static readonly Place[] Places =
    [
        .. In("cases", "id = $1", "description", "result", "answer"),
        .. In("cases", "id = $1", isJson: true, "verification", "whistle", "deadline", "receiver", "assignments"),
        .. In("case_history", "case_id = $1", "note"),
        .. In("attachments", "case_id = $1", "note", "removal_reason"),
        .. In("supervision_orders", "case_id = $1", "instruction", "reply"),
        .. In("dispatch_assignments", "case_id = $1", "result"),
        .. In("dispatch_assignments", "case_id = $1", isJson: true, "objection"),
        .. In("dispatch_whistles", "case_id = $1", "reason"),
        .. In("dispatch_whistle_departments", Of("whistle_id", "dispatch_whistles"), "score_comment", "justified_comment"),
        .. In("dispatch_consultations", "case_id = $1", "question", "decision"),
        .. In("dispatch_statements", Of("consultation_id", "dispatch_consultations"), "text"),
        .. In("mediations", "case_id = $1", "dispute", "conclusion", "performance"),
        .. In("mediations", "case_id = $1", isJson: true, "sessions"),
        .. In("satisfaction_responses", "case_id = $1", "comment"),
        .. In("satisfaction_reviews", "case_id = $1", "reason"),
        .. In("supervision_cases", "case_id = $1", "finding"),
        .. In("improvements", "case_id = $1", "text", "result", "check_note"),
    ];

    /// <summary>Names of the fields that hold words, of parts that are kept as JSON; the others hold names of offices, codes and instants.</summary>
    private static readonly HashSet<string> Fields = new(["question", "note", "reason", "result", "ruling"], StringComparer.OrdinalIgnoreCase);

    private static readonly string Read = string.Join(
        "\nunion all\n",
        Places.Select((p, i) => $"select {i}, {p.Column}::text from {p.Table} where {p.OfCase} and {p.Column} is not null and {p.Column}::text <> ''"));

    /// <summary>
    /// Takes out what is known of the people of a case, and numbers as people have them. What was merged into it got its answer, and
    /// has people of its own, who may be needed yet.
    /// </summary>
    public static async Task CleanAsync(Command command, Guid caseId, IReadOnlyCollection<Person> people)
    {
        await RewriteAsync(command, caseId, text => Redaction.Clean(text, people).Text);
        foreach (var follower in await FollowersAsync(command, caseId))
            await WithoutAsync(command, follower, people);
    }

    /// <summary>Takes out what is known of one.</summary>
    public static async Task EraseAsync(Command command, Guid caseId, Person person)
    {
        foreach (var id in (Guid[])[caseId, .. await FollowersAsync(command, caseId)])
            await WithoutAsync(command, id, [person]);
    }

    private static Task<List<Guid>> FollowersAsync(Command command, Guid caseId) =>
        command.QueryAsync("select id from cases where merged_into = $1", r => r.GetGuid(0), P(caseId));

    private static async Task WithoutAsync(Command command, Guid caseId, IReadOnlyCollection<Person> people)
    {
        await RewriteAsync(command, caseId, text => Redaction.Without(text, people));
        command.Write("update cases set version = version + 1 where id = $1", P(caseId));
        command.MakeStale(CaseStore.CacheKey(caseId));
    }

    private static async Task RewriteAsync(Command command, Guid caseId, Func<string, string> rewrite)
    {
        var written = await command.QueryAsync(Read, r => (Place: Places[r.GetInt32(0)], Text: r.GetString(1)), P(caseId));
        foreach (var (place, text) in written.Distinct())
        {
            var next = place.IsJson ? Rewritten(text, rewrite) : rewrite(text);
            if (next != text)
                command.Write(place.Update, P(caseId), P(text), P(next));
        }
    }

    /// <summary>The same text when no word of it changes: another order or spacing is no change.</summary>
    private static string Rewritten(string json, Func<string, string> rewrite)
    {
        var changed = false;
        var root = JsonNode.Parse(json)!;
        Visit(root);
        return changed ? root.ToJsonString(EventJson.Options) : json;

        void Visit(JsonNode? node)
        {
            if (node is JsonArray items)
            {
                foreach (var item in items)
                    Visit(item);
            }
            else if (node is JsonObject part)
            {
                foreach (var (name, value) in part.ToList())
                {
                    if (!Fields.Contains(name) || value is not JsonValue words)
                    {
                        Visit(value);
                        continue;
                    }
                    var (text, next) = (words.GetValue<string>(), rewrite(words.GetValue<string>()));
                    if (next == text)
                        continue;
                    part[name] = next;
                    changed = true;
                }
            }
        }
    }

    private static string Of(string column, string table) => $"{column} in (select id from {table} where case_id = $1)";

    private static IEnumerable<Place> In(string table, string ofCase, params string[] columns) => In(table, ofCase, isJson: false, columns);

    private static IEnumerable<Place> In(string table, string ofCase, bool isJson, params string[] columns) =>
        columns.Select(column => new Place(table, ofCase, column, isJson));

    private sealed record Place(string Table, string OfCase, string Column, bool IsJson)
    {
        // By what it says: what was said meanwhile stays as it is.
        public string Update { get; } =
            $"update {Table} set {Column} = {(IsJson ? "$3::jsonb" : "$3")} where {OfCase} and {Column} = {(IsJson ? "$2::jsonb" : "$2")}";
    }
}
