using System.CommandLine;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Google.Protobuf.WellKnownTypes;
using Governance.Cli.Client;
using Governance.Cli.Output;
using Grpc.Core;
using static Governance.Cli.Commands.CommandBuilding;
using Option = System.CommandLine.Option;

namespace Governance.Cli.Commands;

/// <summary>What a verb gets from its command line. It makes one request_id and repeats it when it tries again.</summary>
internal sealed record Verb(PublicApi Api, string RequestId, string Id, string Etag, ParseResult Line, CallOptions Options)
{
    public string Text(Option<string> option) => Line.Text(option);

    public string[] Texts(Option<string[]> option) => Line.GetValue(option) ?? [];

    public T? Get<T>(Option<T> option) => Line.GetValue(option);

    public TEnum Word<TEnum>(Option<string> option)
        where TEnum : struct, System.Enum => Line.Word<TEnum>(option);

    /// <summary>Null when the option was not given.</summary>
    public Timestamp? Instant(Option<string> option) => Line.GetValue(option) is { } text ? Shared.InstantFrom(text) : null;
}

/// <summary>
/// The verbs of one kind of record. Each asks a service once and shows the record as it is then: its facts, and more where facts do not
/// do. A list shows some of the same facts as columns.
/// </summary>
internal sealed class Verbs<T>(
    CliHost host, string group, string what, Func<T, (string Name, object? Value)[]> facts, Action<Printer, T>? more = null)
    where T : class, IMessage, new()
{
    private const string SampleId = "0197f3c2-7c1e-7a55-9d0f-0d4b7f6a2c11";

    /// <summary>Does something to a record that may have changed since its etag was read.</summary>
    public Command Change(string name, string about, Option[] options, string example, Func<Verb, Task<T>> run)
    {
        var etag = Option<string>("--etag", "Refuse when it has changed since it had this etag.", "ETAG");
        return Asking(name, about, Id(what), etag, options, example, run);
    }

    /// <summary>Does something by the id of a record, which need not be of the kind that is shown.</summary>
    public Command On(string name, string about, Option[] options, string example, Func<Verb, Task<T>> run, string? of = null) =>
        Asking(name, about, Id(of ?? what), null, options, example, run);

    public Command New(string name, string about, Option[] options, string example, Func<Verb, Task<T>> run) =>
        Asking(name, about, null, null, options, example, run);

    /// <summary>Lists records page by page; of one other record, when it is said of which.</summary>
    public Command List(
        string name,
        string about,
        Option[] options,
        string example,
        string[] columns,
        Func<Verb, int, string, Task<(RepeatedField<T> Items, string Next)>> page,
        string? of = null)
    {
        var known = facts(new T()).Select(fact => fact.Name);
        if (columns.Except(known).FirstOrDefault() is { } unknown)
            throw new ArgumentException($"'{unknown}' is no fact of a {typeof(T).Name}.", nameof(columns));
        var limit = Shared.Limit();
        var id = of is null ? null : Id(of);
        return new Command(name, about).Does(
            host, [.. Given(id), .. options, limit], async (session, line, cancelled) =>
            {
                var verb = Begin(session, line, id, null, cancelled);
                var found = await Shared.PagesAsync(line.GetValue(limit), (size, token) => page(verb, size, token));
                session.Out.Answer(() => Printer.ToJson(found), () =>
                {
                    var table = Tables.New(columns);
                    foreach (var item in found)
                    {
                        var values = facts(item).ToDictionary(fact => fact.Name, fact => fact.Value);
                        table.Row([.. columns.Select(column => values[column])]);
                    }

                    session.Out.Draw(table);
                });
            },
            ExampleOf(name, id, example));
    }

    public void Show(Printer printer, T item) => printer.Answer(() => Printer.ToJson(item), () =>
    {
        printer.Draw(Tables.Facts(facts(item)));
        more?.Invoke(printer, item);
    });

    private static Verb Begin(
        Session session, ParseResult line, Argument<string>? id, Option<string>? etag, CancellationToken cancelled) => new(
        session.Api,
        session.NewRequestId(),
        id is null ? "" : line.GetValue(id)!,
        etag is null ? "" : line.Text(etag),
        line,
        new CallOptions(cancellationToken: cancelled));

    private static IEnumerable<Symbol> Given(params Symbol?[] symbols) => symbols.OfType<Symbol>();

    private Command Asking(
        string name, string about, Argument<string>? id, Option<string>? etag, Option[] options, string example, Func<Verb, Task<T>> run) =>
        new Command(name, about).Does(
            host,
            [.. Given(id), .. options, .. Given(etag)],
            async (session, line, cancelled) => Show(session.Out, await run(Begin(session, line, id, etag, cancelled))),
            ExampleOf(name, id, example));

    private string ExampleOf(string name, Argument<string>? id, string example) =>
        $"gov {group} {name} {(id is null ? "" : $"{SampleId} ")}{example}".TrimEnd();
}
