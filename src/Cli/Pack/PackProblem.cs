using System.Text.Json.Nodes;

namespace Governance.Cli.Pack;

/// <summary>A place in a pack's file; line and column count from 1.</summary>
internal sealed record Spot(string File, long Line, long Column)
{
    public override string ToString() => $"{File}:{Line}:{Column}";
}

/// <summary>One thing that is wrong with a pack, written as compilers do so that editors can jump to it.</summary>
internal sealed record PackProblem(Spot At, string Message)
{
    public override string ToString() => $"{At}: {Message}";
}

/// <summary>All that is wrong with a pack, gathered while it is read.</summary>
internal sealed class PackProblems
{
    private readonly List<PackProblem> all = [];

    /// <summary>In the order of files and lines.</summary>
    public IReadOnlyList<PackProblem> All => [.. all
        .OrderBy(problem => problem.At.File, StringComparer.Ordinal)
        .ThenBy(problem => problem.At.Line)
        .ThenBy(problem => problem.At.Column)];

    public void Add(Spot at, string message) => all.Add(new PackProblem(at, message));

    public void ThrowIfAny()
    {
        if (all.Count > 0)
            throw new PackException(All);
    }
}

/// <summary>The pack is broken; nothing was sent.</summary>
internal sealed class PackException(IReadOnlyList<PackProblem> problems) : Exception($"{problems.Count} problems in the city pack")
{
    public IReadOnlyList<PackProblem> Problems { get; } = problems;

    public void Write(TextWriter error)
    {
        foreach (var problem in Problems)
            error.WriteLine(problem);
        error.WriteLine($"The city pack has {Problems.Count} problem{(Problems.Count == 1 ? "" : "s")}. Nothing was sent.");
    }

    public JsonObject ToJson() => new()
    {
        ["code"] = "PackBroken",
        ["message"] = $"The city pack has {Problems.Count} problem(s). Nothing was sent.",
        ["problems"] = new JsonArray([.. Problems.Select(problem => new JsonObject
        {
            ["file"] = problem.At.File,
            ["line"] = problem.At.Line,
            ["column"] = problem.At.Column,
            ["message"] = problem.Message,
        })]),
    };
}
