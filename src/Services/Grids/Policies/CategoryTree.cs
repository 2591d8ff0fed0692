using Governance.Grids.V1;
using Governance.Primitives;
using TimeLimit = Governance.Grids.V1.TimeLimit;

namespace Governance.Grids.Policies;

/// <summary>The categories of one policy as a tree. What a category does not say, the nearest one above it says.</summary>
public sealed class CategoryTree
{
    public const int MaxLevels = 5;

    private readonly Dictionary<string, CaseCategory> byCode;
    private readonly HashSet<string> parents;

    public CategoryTree(CasePolicy policy)
    {
        byCode = policy.Categories.ToDictionary(c => c.Code, StringComparer.Ordinal);
        parents = policy.Categories.Select(c => c.Parent).Where(p => p.Length > 0).ToHashSet(StringComparer.Ordinal);
        Leaves = [.. policy.Categories.Where(c => IsLeaf(c.Code))];
    }

    /// <summary>Those that a case may be given.</summary>
    public IReadOnlyList<CaseCategory> Leaves { get; }

    public CaseCategory? Find(string code) => byCode.GetValueOrDefault(code);

    public bool IsLeaf(string code) => !parents.Contains(code);

    /// <summary>The limit of a leaf: each has one.</summary>
    public TimeLimit LimitOf(CaseCategory leaf) => FindLimit(leaf.Code)!;

    /// <summary>Null for a parent that has none, nor any above it, and for a category that the policy does not have.</summary>
    public TimeLimit? FindLimit(string code) =>
        Find(code) is { } found ? Line(found).FirstOrDefault(c => c.HandleWithin is not null)?.HandleWithin : null;

    public bool MustBeVerified(CaseCategory category) => Line(category).Any(c => c.Verify);

    /// <summary>A category's code, then those above it; of one that the policy does not have, its code alone.</summary>
    public IReadOnlyList<string> LineOf(string code) => Find(code) is { } found ? [.. Line(found).Select(c => c.Code)] : [code];

    /// <summary>What is wrong with the categories of a policy; null when nothing is.</summary>
    public static Words? ProblemOf(CasePolicy policy)
    {
        if (policy.Categories.GroupBy(c => c.Code).FirstOrDefault(g => g.Count() > 1) is { } twice)
            return new($"category {twice.Key} stands twice", $"类别 {twice.Key} 重复");
        var tree = new CategoryTree(policy);
        foreach (var category in policy.Categories)
        {
            if (category.Parent.Length > 0 && tree.Find(category.Parent) is null)
                return new(
                    $"the parent {category.Parent} of category {category.Code} is missing",
                    $"类别 {category.Code} 的上级类别 {category.Parent} 不存在");
            // A circle is longer than any limit.
            if (tree.Line(category).Skip(MaxLevels).Any())
                return new(
                    $"category {category.Code} lies more than {MaxLevels} levels deep, or below itself",
                    $"类别 {category.Code} 超过 {MaxLevels} 级，或形成循环");
            if (tree.IsLeaf(category.Code) && tree.Line(category).All(c => c.HandleWithin is null))
                return new(
                    $"neither category {category.Code} nor any above it has handle_within",
                    $"类别 {category.Code} 及其上级均未设置办理时限（handle_within）");
            if (category.Verify && policy.VerifyWithin is null)
                return new(
                    $"category {category.Code} must be verified, and there is no verify_within",
                    $"类别 {category.Code} 须先核实，但未设置核实时限（verify_within）");
        }
        return null;
    }

    /// <summary>The category, then those above it.</summary>
    private IEnumerable<CaseCategory> Line(CaseCategory category)
    {
        for (var at = category; at is not null; at = Find(at.Parent))
            yield return at;
    }
}
