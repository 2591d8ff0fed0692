using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Runtime.CompilerServices;

namespace Governance.Cli.Commands;

/// <summary>Examples of a command, kept beside it and printed below its help.</summary>
internal static class Example
{
    private static readonly ConditionalWeakTable<Command, string[]> Examples = [];

    public static void Add(Command command, params string[] examples) => Examples.Add(command, examples);

    public static IReadOnlyList<string> Of(Command command) => Examples.TryGetValue(command, out var examples) ? examples : [];
}

/// <summary>
/// Help that ends with examples, that keeps the options of all commands to the help of `gov` itself, and that gives each command one line
/// in the list of its group.
/// </summary>
internal sealed class TeachingHelp(HelpAction inner) : SynchronousCommandLineAction
{
    /// <summary>Options of all commands that are the very matter of one.</summary>
    private static readonly Dictionary<string, Option[]> Shown = new()
    {
        ["token"] =
            [GlobalOptions.Role, GlobalOptions.Territory, GlobalOptions.Subject, GlobalOptions.Organisation, GlobalOptions.SigningKeyFile],
    };

    /// <summary>Who asks for help need not have given what the command needs.</summary>
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        var command = parseResult.CommandResult.Command;
        List<Option> hidden = command is RootCommand ? [] : [.. GlobalOptions.All.Except(Shown.GetValueOrDefault(command.Name, []))];
        var descriptions = command.Subcommands.ToDictionary(child => child, child => child.Description);
        hidden.ForEach(option => option.Hidden = true);
        foreach (var child in command.Subcommands)
            child.Description = child.Description?.Split('\n')[0];
        try
        {
            inner.Invoke(parseResult);
        }
        finally
        {
            hidden.ForEach(option => option.Hidden = false);
            foreach (var (child, description) in descriptions)
                child.Description = description;
        }

        var output = parseResult.InvocationConfiguration.Output;
        output.WriteLine("Examples:");
        foreach (var example in Example.Of(command))
            output.WriteLine($"  {example}");
        if (hidden.Count > 0)
        {
            output.WriteLine();
            output.WriteLine("Options of all commands (--json, --territory, --role, --token, addresses): gov --help");
        }

        return 0;
    }
}
