using Governance.Cli.Client;
using Governance.Grids.V1;

namespace Governance.Cli.Demo;

/// <summary>One story while it is played: its actors, its steps with their times, and the case or topic that it is about.</summary>
internal sealed class Stage(string story, Session session)
{
    /// <summary>An event crosses services in well under a second; after this long it is not on its way.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(150);

    private readonly List<(string Name, TimeSpan Took)> steps = [];

    public string Story => story;

    public string City => session.City;

    public TimeProvider Clock => session.Clock;

    public IReadOnlyList<(string Name, TimeSpan Took)> Steps => steps;

    /// <summary>Empty until it is reported, and in a story about a topic.</summary>
    public string CaseId { get; private set; } = "";

    /// <summary>Empty until it is proposed, and in a story about a case.</summary>
    public string TopicId { get; private set; } = "";

    /// <summary>Somebody with a token of their own, with the least role and territory for what they do.</summary>
    public PublicApi Actor(string role, string territory, string subject, string organisation = "") =>
        session.As(Caller.In(role, territory, subject, organisation));

    public string NewRequestId() => session.NewRequestId();

    /// <summary>Does one thing; a refusal is named with the step.</summary>
    public async Task<T> StepAsync<T>(string name, Func<Task<T>> act)
    {
        var start = Clock.GetTimestamp();
        try
        {
            var result = await act();
            Done(name, start);
            return result;
        }
        catch (RefusedException refused)
        {
            throw new DemoException(story, name, refused.Message, About, refused.Refusal);
        }
    }

    /// <summary>Does one thing to the case and asserts the state that it is in afterwards.</summary>
    public async Task<Case> StepAsync(string name, CaseState expected, Func<Task<Case>> act)
    {
        var changed = await StepAsync(name, act);
        CaseId = changed.Id;
        Check(name, changed.State == expected, () => $"the case is in state {changed.State}; it should be in {expected}");
        return changed;
    }

    /// <summary>Does one thing to the topic and asserts the state that it is in afterwards.</summary>
    public async Task<Topic> StepAsync(string name, TopicState expected, Func<Task<Topic>> act)
    {
        var changed = await StepAsync(name, act);
        TopicId = changed.Id;
        Check(name, changed.State == expected, () => $"the topic is in state {changed.State}; it should be in {expected}");
        return changed;
    }

    /// <summary>Waits for what another service does on an event.</summary>
    public async Task<T> ArriveAsync<T>(string name, Func<Task<T?>> look, CancellationToken cancelled)
        where T : class
    {
        var start = Clock.GetTimestamp();
        while (true)
        {
            try
            {
                if (await look() is { } arrived)
                {
                    Done(name, start);
                    return arrived;
                }
            }
            catch (RefusedException refused)
            {
                throw new DemoException(story, name, refused.Message, About, refused.Refusal);
            }

            if (Clock.GetElapsedTime(start) > Patience)
                throw Failed(name, $"it did not arrive within {Patience.TotalSeconds:0} s. See also: gov outbox, gov deadletters list");
            await Task.Delay(Interval, Clock, cancelled);
        }
    }

    /// <summary>Waits until the case is in a state that an event of another service brings about.</summary>
    public Task<Case> ArriveAsync(string name, PublicApi onlooker, Func<Case, bool> there, CancellationToken cancelled) =>
        ArriveAsync(name, async () =>
        {
            var item = (await onlooker.Cases.GetCaseAsync(new GetCaseRequest { Id = CaseId }, cancellationToken: cancelled)).Case;
            return there(item) ? item : null;
        }, cancelled);

    public void Check(string name, bool holds, Func<string> otherwise)
    {
        if (!holds)
            throw Failed(name, otherwise());
    }

    public DemoException Failed(string name, string what) => new(story, name, what, About);

    private (string Kind, string Id) About => TopicId.Length > 0 ? ("topic", TopicId) : ("case", CaseId);

    private void Done(string name, long start)
    {
        var took = Clock.GetElapsedTime(start);
        steps.Add((name, took));
        session.Out.Say($"  {name} ({Output.Tables.Span(took)})");
    }
}
