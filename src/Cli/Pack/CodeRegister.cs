namespace Governance.Cli.Pack;

/// <summary>Codes that were given out, each with the place that gave it.</summary>
internal sealed class CodeRegister(string what, PackProblems problems)
{
    private readonly Dictionary<string, Spot> given = [];

    /// <summary>False, and a problem, when the code is not well formed or was given before.</summary>
    public bool Add(string code, Spot at)
    {
        if (code.Length == 0)
            return false;
        if (code.Length > Codes.Longest || !Codes.IsCode(code))
            problems.Add(at, $"the {what}'s code '{code}' is not a code of at most {Codes.Longest} letters, digits, '-', '_' and '.'");
        else if (!given.TryAdd(code, at))
            problems.Add(at, $"the {what}'s code '{code}' is there twice; the first is at {given[code]}");
        else
            return true;
        return false;
    }
}
