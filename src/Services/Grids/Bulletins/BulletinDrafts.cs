using Governance.Common.V1;
using Governance.Grids.Cases;
using Governance.Grids.Policies;
using Governance.Grids.V1;
using Governance.ServiceDefaults.Database;
using Case = Governance.Grids.Cases.Case;
using Topic = Governance.Grids.Councils.Topic;

namespace Governance.Grids.Bulletins;

/// <summary>
/// Drafts items from what is done to cases and topics, within the command that does it: an item is there if and only if the act
/// is, nothing has to be caught up with after a cut, and no event must carry words out of this service. A case is told of once
/// it is accepted, not when it is reported: only then has it a category, and some must never be told.
/// </summary>
public sealed class BulletinDrafts(PolicyStore policies, CasePeople people)
{
    /// <summary>
    /// What an act on a case leaves to be told. Each of those that got its answer is told of where it lies; not when the answer is
    /// to a case that must not be told, for it may say what that was about. An answer that is taken back before it was published is told no more.
    /// </summary>
    public async Task OfAsync(Command command, Case before, Case after, IReadOnlyList<Case> followers)
    {
        if (after.Confidential || before.State == after.State)
            return;
        // The title is public by contract; the description is not.
        if (before.State is CaseState.Reported && after.State is CaseState.Assessed)
            await AddAsync(command, await TaleOfAsync(command, after, BulletinSection.Voices, 0, ""));
        else if (HasAnswer(before) && !HasAnswer(after))
        {
            foreach (var draft in await BulletinStore.DraftsOfAsync(after.Id, BulletinSection.Echo, command))
                BulletinStore.Save(command, BulletinStore.ByPolicy, draft, BulletinRules.TakeBack(draft, command.Now));
        }
        else if (after.State is CaseState.Answered)
        {
            var answered = await TaleOfAsync(command, after, BulletinSection.Echo, after.Steps, after.Answer);
            await AddAsync(command, answered);
            foreach (var follower in followers.Where(f => !f.Confidential))
            {
                var tale = await TaleOfAsync(command, follower, BulletinSection.Echo, follower.Steps, after.Answer);
                // The answer was worded for somebody else.
                await AddAsync(
                    command, tale with { Categories = [.. tale.Categories.Union(answered.Categories)] }, answered.PeopleOf);
            }
        }
    }

    private static bool HasAnswer(Case of) => of.State is CaseState.Answered or CaseState.Confirmed or CaseState.Closed;

    /// <summary>What acts on topics leave to be told.</summary>
    public async Task OfAsync(Command command, params IReadOnlyList<Topic> topics)
    {
        var onAgenda = topics.Where(t => t.State is TopicState.OnAgenda).ToList();
        // A topic that was put off comes on another agenda, and is told of already.
        var told = onAgenda is [] || await PolicyAsync(command, onAgenda[0].Territory) is null
            ? []
            : await BulletinStore.TellingAsync([.. onAgenda.Select(t => t.Id)], BulletinSection.Topics, command);
        foreach (var topic in onAgenda.Where(t => !told.Contains(t.Id)))
            await OfAsync(command, topic, BulletinSection.Topics, 0, "");
        foreach (var topic in topics.Where(t => t.State is TopicState.Answered))
            await OfAsync(command, topic, BulletinSection.Echo, topic.Steps, topic.Answer);
    }

    /// <summary>Those behind an item: what is known of them must stand in no text.</summary>
    public async Task<IReadOnlyList<Person>> PeopleAsync(Guid? caseId, CancellationToken cancellation) =>
        caseId is { } id ? await people.OfAsync(id, cancellation) : [];

    private async Task OfAsync(Command command, Topic topic, BulletinSection section, int occurrence, string text)
    {
        if (await PolicyAsync(command, topic.Territory) is null)
            return;
        var about = topic.CaseId is { } id ? await CaseStore.FindAsync(id, command) : null;
        if (about is { Confidential: true })
            return;
        await AddAsync(command, new Tale(
            section, BulletinSource.Topic, topic.Id, occurrence, topic.Territory, topic.Title, text, CaseChannel.Unspecified,
            about is null ? [] : await CategoriesAsync(command, about), about?.Id));
    }

    private async Task AddAsync(Command command, Tale tale, Guid? alsoOf = null)
    {
        if (await PolicyAsync(command, tale.Territory) is not { } policy || BulletinRules.Fitting(policy.Bulletins, tale) is not { } rule)
            return;
        IReadOnlyList<Person> behind =
        [
            .. await PeopleAsync(tale.PeopleOf, command.Cancellation), .. await PeopleAsync(alsoOf, command.Cancellation),
        ];
        var drafted = BulletinRules.Draft(command.NewId(), tale, policy.Version, behind, command.Now);
        if (!rule.Unmoderated)
        {
            BulletinStore.Add(command, BulletinStore.ByPolicy, drafted);
            return;
        }
        var period = BulletinRules.PeriodOf((await policies.OfAsync(tale.Territory, command.Cancellation)).LocalDate(command.Now));
        var issue = await BulletinStore.IssueAsync(command, tale.Territory, period);
        BulletinStore.Add(
            command, BulletinStore.ByPolicy, drafted, BulletinRules.Publish(drafted.Next, issue, behind, command.Now).OrRefuse());
    }

    private async ValueTask<Policy?> PolicyAsync(Command command, string territory) =>
        (await policies.OfAsync(territory, command.Cancellation)).InForceOrNone(CityPolicies.BulletinsKind, command.Now);

    private async Task<Tale> TaleOfAsync(Command command, Case of, BulletinSection section, int occurrence, string text) => new(
        section, BulletinSource.Case, of.Id, occurrence, of.Territory, of.Title, text, of.Channel, await CategoriesAsync(command, of),
        of.Id);

    /// <summary>What is said of a category is said of all below it.</summary>
    private async ValueTask<IReadOnlyList<string>> CategoriesAsync(Command command, Case of)
    {
        var rules = await policies.OfAsync(of.Territory, command.Cancellation);
        return of.Category.Length is 0 || rules.InForceOrNone(CityPolicies.CasesKind, command.Now) is not { } policy
            ? []
            : rules.CategoriesOf(policy).LineOf(of.Category);
    }
}
