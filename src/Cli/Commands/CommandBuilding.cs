using System.CommandLine;
using Governance.Cli.Output;

namespace Governance.Cli.Commands;

/// <summary>The few words that all command groups are written in.</summary>
internal static class CommandBuilding
{
    /// <summary>A command that only holds others.</summary>
    public static Command Group(string name, string description, params Command[] commands)
    {
        var group = new Command(name, description);
        foreach (var command in commands)
            group.Subcommands.Add(command);
        Example.Add(group, [.. commands.Take(3).SelectMany(command => Example.Of(command).Take(1))]);
        return group;
    }

    /// <summary>A command that does something, with its options and arguments and at least one example.</summary>
    public static Command Does(
        this Command command,
        CliHost host,
        IEnumerable<Symbol> symbols,
        Func<Session, ParseResult, CancellationToken, Task> action,
        params string[] examples) =>
        command.Does(host, symbols, examples, async (session, line, cancelled) =>
        {
            await action(session, line, cancelled);
            return ExitCodes.Done;
        });

    /// <summary>As above, where the command itself knows how it ended.</summary>
    public static Command Does(
        this Command command,
        CliHost host,
        IEnumerable<Symbol> symbols,
        string[] examples,
        Func<Session, ParseResult, CancellationToken, Task<int>> action)
    {
        foreach (var symbol in symbols)
        {
            if (symbol is Argument argument)
                command.Arguments.Add(argument);
            else
                command.Options.Add((Option)symbol);
        }

        Example.Add(command, examples);
        command.SetAction(async (line, cancelled) =>
        {
            using var session = new Session(line, host);
            return await action(session, line, cancelled);
        });
        return command;
    }

    public static Option<T> Option<T>(string name, string description, string helpName, bool required = false) =>
        new(name) { Description = description, HelpName = helpName, Required = required };

    public static Option<string> Required(string name, string description, string helpName = "TEXT") =>
        Option<string>(name, description, helpName, required: true);

    /// <summary>An option that may be given several times.</summary>
    public static Option<string[]> Many(string name, string description, string helpName, bool required = false) =>
        Option<string[]>(name, $"{description} Repeat for several.", helpName, required);

    public static Option<bool> Flag(string name, string description) => new(name) { Description = description };

    public static Argument<string> Argument(string name, string description) => new(name) { Description = description };

    /// <summary>An argument that is a UUID; another text is refused before anything is sent.</summary>
    public static Argument<string> Id(string description)
    {
        var argument = Argument("id", description);
        argument.Validators.Add(result =>
        {
            if (!Guid.TryParseExact(result.Tokens[0].Value, "D", out _))
                result.AddError($"'{result.Tokens[0].Value}' is not a UUID. Lists show them, also with --json.");
        });
        return argument;
    }

    /// <summary>An option whose values are the words of an enum.</summary>
    public static Option<string> Word<TEnum>(string name, string description, bool required = false)
        where TEnum : struct, Enum
    {
        var option = Option<string>(name, description, string.Join('|', EnumWords.All<TEnum>().Keys), required);
        option.AcceptOnlyFromAmong([.. EnumWords.All<TEnum>().Keys]);
        return option;
    }

    /// <summary>The enum value that the option's word stands for; unspecified when it was not given.</summary>
    public static TEnum Word<TEnum>(this ParseResult line, Option<string> option)
        where TEnum : struct, Enum =>
        line.GetValue(option) is { } word ? EnumWords.All<TEnum>()[word] : default;

    public static string Text(this ParseResult line, Option<string> option) => line.GetValue(option) ?? "";
}
