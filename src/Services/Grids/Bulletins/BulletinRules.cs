using System.Globalization;
using Governance.Common.V1;
using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Privacy;

namespace Governance.Grids.Bulletins;

/// <summary>The rules of bulletins, pure. Whatever text they keep has passed <see cref="Redaction"/>.</summary>
public static class BulletinRules
{
    public const int MaxVersions = 200;

    /// <summary>The first rule that fits; null when the record must not be told, or no rule says that it may.</summary>
    public static BulletinRule? Fitting(BulletinPolicy policy, Tale tale) =>
        policy.Never.Any(tale.Categories.Contains)
            ? null
            : policy.Rules.FirstOrDefault(rule =>
                rule.Section == tale.Section
                && rule.Source == tale.Source
                && (rule.Channels.Count is 0 || rule.Channels.Contains(WordOf(tale.Channel)))
                && (rule.Categories.Count is 0 || rule.Categories.Any(tale.Categories.Contains)));

    public static ItemStep Draft(Guid id, Tale tale, long policyVersion, IReadOnlyList<Person> people, DateTimeOffset now)
    {
        var (title, text, removed) = Cleaned(tale.Title, tale.Text, people);
        return new ItemStep(
            new Item
            {
                Id = id,
                Territory = tale.Territory,
                Section = tale.Section,
                Source = tale.Source,
                SourceId = tale.SourceId,
                Occurrence = tale.Occurrence,
                PeopleOf = tale.PeopleOf,
                Title = title,
                Text = text,
                State = BulletinItemState.Draft,
                Edition = 1,
                DraftedAt = now,
                PolicyVersion = policyVersion,
                Version = 1,
            },
            "Drafted", "", removed);
    }

    public static ItemStep Write(
        Guid id, string territory, BulletinSection section, string title, string text, long policyVersion, DateTimeOffset now)
    {
        var (cleanTitle, cleanText, removed) = Cleaned(title, text, []);
        return new ItemStep(
            new Item
            {
                Id = id,
                Territory = territory,
                Section = section,
                Source = BulletinSource.Written,
                Title = cleanTitle,
                Text = cleanText,
                State = BulletinItemState.Draft,
                Edition = 1,
                DraftedAt = now,
                PolicyVersion = policyVersion,
                Version = 1,
            },
            "Written", "", removed);
    }

    public static Outcome<ItemStep> Edit(Item current, string title, string text, IReadOnlyList<Person> people) =>
        Requires(current, "EditBulletinItem", BulletinItemState.Draft) is { } wrong
            ? wrong
            : Worded(current, current, title, text, "Edited", "", people);

    /// <summary>More may be known of those behind it than when it was drafted.</summary>
    public static Outcome<ItemStep> Publish(Item current, Issue issue, IReadOnlyList<Person> people, DateTimeOffset now) =>
        Requires(current, "PublishBulletinItem", BulletinItemState.Draft) is { } wrong
            ? wrong
            : Worded(
                current, current with { State = BulletinItemState.Published, Issue = issue, PublishedAt = now }, current.Title, current.Text,
                "Published", "", people);

    /// <summary>It stays in the issue in which it was published.</summary>
    public static Outcome<ItemStep> Correct(
        Item current, string title, string text, string reason, IReadOnlyList<Person> people, DateTimeOffset now) =>
        Requires(current, "CorrectBulletinItem", BulletinItemState.Published) is { } wrong
            ? wrong
            : Worded(current, current with { CorrectedAt = now }, title, text, "Corrected", reason, people);

    public static Outcome<ItemStep> Withdraw(Item current, string reason, IReadOnlyList<Person> people, DateTimeOffset now)
    {
        if (Requires(current, "WithdrawBulletinItem", BulletinItemState.Draft, BulletinItemState.Published) is { } wrong)
            return wrong;
        var (clean, removed) = Redaction.Clean(reason, people);
        return Next(
            current, current with { State = BulletinItemState.Withdrawn, WithdrawnAt = now }, "Withdrawn", clean, removed);
    }

    /// <summary>What a draft tells holds no more: nobody must publish it.</summary>
    public static ItemStep TakeBack(Item draft, DateTimeOffset now) =>
        Next(draft, draft with { State = BulletinItemState.Withdrawn, WithdrawnAt = now }, "TakenBack", "", 0);

    /// <summary>The month of an issue.</summary>
    public static string PeriodOf(DateOnly day) => day.ToString("yyyy-MM", CultureInfo.InvariantCulture);

    /// <summary>What is wrong with a policy in itself; null when nothing is.</summary>
    public static Words? ProblemOf(BulletinPolicy policy)
    {
        foreach (var rule in policy.Rules)
        {
            var fits = (rule.Section, rule.Source) is (BulletinSection.Topics, BulletinSource.Topic)
                or (BulletinSection.Voices, BulletinSource.Case)
                or (BulletinSection.Echo, BulletinSource.Case or BulletinSource.Topic);
            if (!fits)
                return new(
                    $"the section {rule.Section} takes nothing of {rule.Source}",
                    $"栏目“{rule.Section.Told().Chinese}”不收录“{rule.Source.Told().Chinese}”");
            if (rule.Source is BulletinSource.Topic && rule.Channels.Count + rule.Categories.Count > 0)
                return new("topics have neither channel nor category", "议题没有渠道和类别");
            if (rule.Channels.FirstOrDefault(c => !Channels.Contains(c)) is { } unknown)
                return new($"there is no channel {unknown}", $"没有渠道 {unknown}");
        }
        return null;
    }

    private static readonly IReadOnlyDictionary<CaseChannel, string> ChannelWords = CasesReflection.Descriptor.EnumTypes
        .Single(e => e.Name is nameof(CaseChannel))
        .Values.ToDictionary(v => (CaseChannel)v.Number, v => v.Name["CASE_CHANNEL_".Length..].ToLowerInvariant());

    private static readonly IReadOnlySet<string> Channels =
        ChannelWords.Where(w => w.Key is not CaseChannel.Unspecified).Select(w => w.Value).ToHashSet(StringComparer.Ordinal);

    // CASE_CHANNEL_MINI_PROGRAMME is mini_programme.
    private static string WordOf(CaseChannel channel) => ChannelWords[channel];

    private static Outcome<ItemStep> Worded(
        Item current, Item next, string title, string text, string action, string reason, IReadOnlyList<Person> people)
    {
        var (cleanTitle, cleanText, removed) = Cleaned(title, text, people);
        var (cleanReason, fromReason) = Redaction.Clean(reason, people);
        return Step(current, next with { Title = cleanTitle, Text = cleanText }, action, cleanReason, removed + fromReason);
    }

    private static (string Title, string Text, int Removed) Cleaned(string title, string text, IReadOnlyList<Person> people)
    {
        var (cleanTitle, fromTitle) = Redaction.Clean(title, people);
        var (cleanText, fromText) = Redaction.Clean(text, people);
        return (cleanTitle, cleanText, fromTitle + fromText);
    }

    // The last version is left for the withdrawal, which must always be possible.
    private static Outcome<ItemStep> Step(Item current, Item next, string action, string reason, int removed) =>
        current.Edition >= MaxVersions - 1
            ? BulletinErrors.VersionsFull.With(("max", MaxVersions))
            : Next(current, next, action, reason, removed);

    private static ItemStep Next(Item current, Item next, string action, string reason, int removed) =>
        new(next with { Edition = current.Edition + 1, Version = current.Version + 1 }, action, reason, removed);

    private static Refusal? Requires(Item current, string verb, params BulletinItemState[] allowed) =>
        allowed.Contains(current.State)
            ? null
            : BulletinErrors.WrongState.With(
                ("verb", verb), ("state", current.State.Told()), ("allowed", Words.OneOf(allowed.Select(a => a.Told()))));
}
