using Governance.Cli.Pack;

namespace Governance.Cli.Tests;

/// <summary>A made-up city of two communities, small enough to count by hand.
/// Written to a folder of its own, and taken away afterwards.</summary>
internal sealed class SmallPack : IDisposable
{
    public const string City =
        """
        city: { code: "3499", name: 样板市 }
        sources: [ 全部虚构 ]
        districts:
          - code: "349901"
            name: 甲区
            kind: district
            subdistricts:
              - code: "349901001"
                name: 一街道
                kind: subdistrict
                communities:
                  - { code: "349901001001", name: 东社区, area: [116.70, 33.90, 116.75, 33.95], grids: 3, households: 1000 }
                  - { code: "349901001002", name: 西社区, area: [116.75, 33.90, 116.80, 33.95], grids: 2, households: 801 }
        organisations:
          - { code: S-SW, name: 市委, kind: municipal_committee, territory: "3499", parent: null, industry: null, responds_to: [] }
          - { code: S-CG, name: 城管局, kind: law_enforcement_department, territory: "3499", parent: S-SW, responds_to: [street_order] }
          - { code: S-JD, name: 一街道, kind: subdistrict, territory: "349901001", parent: S-SW }
        generated:
          - { kind: community, code: "S-SQ-{n:00}", name: "{community}居委会", territory: community, under: subdistrict }
          - { kind: grid_party_organisation, code: "S-WG-{n:000}", name: "{community}网格党支部{n}", territory: grid, under: community }
          - { kind: resident_unit, count: 5, code: "S-RU-{n:00}", name: "驻区单位{n:00}（示例）", territory: community, under: community }
          - { kind: property_company, count: 2, code: "S-WY-{n}", name: "物业{n}（示例）", territory: city }
        teams:
          generated: { count: 7, code: "S-VT-{n:000}", name: "{community}服务队{n}（示例）", skills: [repair, patrol], members: 2 }
          explicit:
            - code: S-VT-X
              name: 总队
              territory: "3499"
              skills: [transport]
              members:
                - { number: X-1, name: 王某（示例）, leader: true }
        estates:
          generated:
            per_community: 3
            code: "S-ES-{n:00}"
            name: "{community}小区{n}（示例）"
            modes: [property_company, property_company, self_managed]

        """;

    public const string Policies =
        """
        - effective_from: "2025-01-01"
          cases:
            categories:
              - { code: street_order, name: 街面秩序, handle_within: 4 work_hours }
              - { code: property_service, name: 物业服务, handle_within: 3 work_days }
            assess_within: 2 work_hours
            answer_within: 1 work_day
            confirm_within: 7 calendar_days
            keep_people_days: 30
            report_within: 2 emergency_hours
        - effective_from: "2025-01-01"
          working_hours:
            utc_offset_minutes: 480
            spans:
              - { from_minute: "08:30", to_minute: "12:00" }
              - { from_minute: 840, to_minute: 1050 }
        - effective_from: "2025-01-01"
          grids:
            sizes:
              - { kind: residential, min_households: 300, max_households: 500 }

        """;

    public const string Holidays =
        """
        year: 2026
        source: 虚构
        days:
          - { date: 2026-01-01, name: 元旦, off: true }
          - { date: 2026-01-04, name: 元旦, off: false }

        """;

    /// <summary>Not written at first: a pack may lack it.</summary>
    public const string Indicators =
        """
        grids:
          - name: noise
            title: 噪声诉求
            title_en: Noise reported
            unit: "%"
            factor: 100
            value:
              measure: cases
              where:
                - { dimension: category, values: [noise] }
                - { dimension: state, values: [rejected], except: true }
              instant: reported
            over: { measure: cases, instant: reported }
          - name: quietest
            title: 最少
            title_en: Fewest of a grid in a month
            unit: cases
            value: { measure: cases, instant: reported, groups: { by: grid, every: grids, span: month, take: least } }
        properties:
          - { name: noise, title: 噪声, title_en: Noise, unit: orders, value: { measure: orders, aggregate: consecutive_years } }

        """;

    public SmallPack()
    {
        Root = Directory.CreateTempSubdirectory("gov-pack-").FullName;
        Directory.CreateDirectory(Path.Combine(Folder, "holidays"));
        Write("city.yaml", City);
        Write("policies.yaml", Policies);
        Write("holidays/2026.yaml", Holidays);
    }

    /// <summary>The folder above `seeds`.</summary>
    public string Root { get; }

    public string Folder => Path.Combine(Root, "seeds", "small");

    public void Write(string file, string text) => File.WriteAllText(Path.Combine(Folder, file), text);

    /// <summary>Puts another text in the place of one that must be there once.</summary>
    public void Replace(string file, string old, string with)
    {
        var text = File.ReadAllText(Path.Combine(Folder, file));
        var parts = text.Split(old);
        if (parts.Length != 2)
            throw new ArgumentException($"'{old}' is there {parts.Length - 1} times", nameof(old));
        Write(file, string.Join(with, parts));
    }

    /// <summary>The rows of the pack; it must not have problems.</summary>
    public SeedRows Expand()
    {
        var problems = new PackProblems();
        var rows = Expansion.Expand(PackReader.Read(Folder, Path.GetFileName, problems)!, problems);
        problems.ThrowIfAny();
        return rows;
    }

    /// <summary>The problems of the pack, as they are printed.</summary>
    public IReadOnlyList<string> Problems()
    {
        var problems = new PackProblems();
        var pack = PackReader.Read(Folder, path => Path.GetRelativePath(Folder, path), problems);
        if (pack is not null && problems.All.Count == 0)
            Expansion.Expand(pack, problems);
        return [.. problems.All.Select(problem => problem.ToString())];
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
