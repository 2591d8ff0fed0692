using System.Globalization;

namespace Governance.Benchmarks;

/// <summary>How long a benchmark runs.</summary>
internal sealed record Settings(TimeSpan Round, int Rounds, TimeSpan WarmUp, int Thousands);

internal static class Program
{
    private const string Help = """
        Measures a running stack against what the machine allows, both in turns within one run. One line of JSON a result.

          dotnet run -c Release --project tests/Benchmarks -- NAME [--seconds N] [--rounds N] [--warm-up N]

          intake      ReportCase, 64 in flight             against pgbench writing the same rows
          read        GetCase from Redis and GetGrid from memory, against a bare gRPC service giving the same answer
          events      CaseDispatched to work order         against MassTransit alone
          delays      from a dispatch to its work order and back, at half load
          import      ImportGrids                          against COPY into the same table
          lifecycle   report, assess and dispatch, complete, get
          spikes      the same by 8 people, then by 512, in turns: failures, and the speed of each valley
          escalation  100,000 overdue cases among a million open ones
          locate      a point among 100,489 grids, and their check: in memory, and through gRPC when a stack is running
          indicators  dashboards over the cases there, whose counts are kept
          fill        adds past cases until there are --thousands of them; lifecycle, spikes and indicators then run beside them
          forget      takes them away again
          idle        memory and CPU of the services while nobody calls

          --seconds   length of a round (10); of no effect on events and import, whose rounds are 5,000 events and 50,000 rows
          --rounds    how many (5)
          --thousands past cases to fill in, in thousands (1000)
          --warm-up   seconds under load before the first round (20)

        The stack is the one of GOVERNANCE_STACK (a stack.json), else of .local/ here or above.
        """;

    public static async Task<int> Main(string[] args)
    {
        if (args is ["serve-answer", var kind, var answer])
            return await AnswerHost.RunAsync(kind, Convert.FromBase64String(answer));
        if (args is [] or ["--help" or "-h"] || Parse(args[1..]) is not { } settings)
        {
            Console.Error.WriteLine(Help);
            return args is ["--help" or "-h"] ? 0 : 2;
        }
        if (args[0] is "locate")
        {
            await Locate.RunAsync(Stack.Find(), settings);
            return 0;
        }
        Func<Stack, Settings, Task>? run = args[0] switch
        {
            "intake" => Intake.RunAsync,
            "read" => Read.RunAsync,
            "events" => Events.RunAsync,
            "delays" => Delays.RunAsync,
            "import" => Import.RunAsync,
            "lifecycle" => Lifecycle.RunAsync,
            "spikes" => Spikes.RunAsync,
            "fill" => Past.FillAsync,
            "forget" => Past.ForgetAsync,
            "escalation" => Escalation.RunAsync,
            "indicators" => Indicators.RunAsync,
            "idle" => Idle.RunAsync,
            _ => null,
        };
        if (run is null)
        {
            Console.Error.WriteLine($"error: there is no benchmark {args[0]}; try --help");
            return 2;
        }
        if (Stack.Find() is not { } stack)
        {
            Console.Error.WriteLine("error: no stack is running here; start one: dotnet run -c Release --project src/AppHost");
            return 1;
        }
        await run(stack, settings);
        return 0;
    }

    private static Settings? Parse(string[] options)
    {
        var settings = new Settings(TimeSpan.FromSeconds(10), 5, TimeSpan.FromSeconds(20), 1000);
        for (var i = 0; i < options.Length; i += 2)
        {
            if (i + 1 == options.Length
                || !int.TryParse(options[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                || number is 0 or > 10_000)
                return null;
            switch (options[i])
            {
                case "--seconds":
                    settings = settings with { Round = TimeSpan.FromSeconds(number) };
                    break;
                case "--thousands":
                    settings = settings with { Thousands = number };
                    break;
                case "--rounds":
                    settings = settings with { Rounds = number };
                    break;
                case "--warm-up":
                    settings = settings with { WarmUp = TimeSpan.FromSeconds(number) };
                    break;
                default:
                    return null;
            }
        }
        return settings;
    }
}
