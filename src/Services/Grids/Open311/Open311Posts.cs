using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Governance.Common.V1;
using Governance.Grids.Cases;
using Governance.Grids.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Grpc;
using Governance.ServiceDefaults.Identity;
using Governance.ServiceDefaults.Privacy;

namespace Governance.Grids.Open311;

/// <summary>What an app sent, with whom it came from. <paramref name="Form"/> is in the order of its names.</summary>
public sealed record Open311Post(SortedDictionary<string, string> Form, Open311Key Key, string IdempotencyKey, string? Peer, Language Language)
{
    public string this[string name] => Form.GetValueOrDefault(name, "");
}

/// <summary>A report of an app becomes a case, by the same command as one that comes over gRPC.</summary>
public sealed partial class Open311Posts(
    Commands commands, CaseIntake intake, Open311Cities cities, Open311Rates rates, Open311Store store, PrivacyKeys keys, IIds ids, TimeProvider clock)
{
    /// <summary>Of an account or a device, and of an Idempotency-Key.</summary>
    public const int MaxIdLength = 100;

    /// <summary>A report that is sent again within that time, without an Idempotency-Key, is the same report.</summary>
    public static readonly TimeSpan RepeatWithin = TimeSpan.FromMinutes(10);

    private const string Method = "open311/requests";

    public const int MaxAddressLength = 200;
    public const int MaxMediaUrlLength = 500;
    public const int MaxAttributes = 20;
    public const int MaxAttributeLength = 200;

    /// <summary>Fields by which two people are told apart who report the same.</summary>
    private static readonly string[] Persons = ["account_id", "device_id", "email", "phone", "first_name", "last_name"];

    /// <summary>The names that apps know, for fields of the command.</summary>
    private static readonly Dictionary<string, string> Arguments = new()
    {
        ["point.longitude"] = "long",
        ["point.latitude"] = "lat",
        ["grid_code"] = "address_id",
        ["contact.name"] = "first_name, last_name",
        ["contact.phone"] = "phone",
        ["contact.email"] = "email",
    };

    public async Task<Open311Answer> PostAsync(Open311Post post, CancellationToken cancellation)
    {
        if (!rates.AllowsPost(post.Key))
            throw new RefusedException(Open311Errors.TooManyPosts.With(("max", rates.PostsPerMinute)));
        var city = await cities.OfAsync(post["jurisdiction_id"], post.Key, cancellation);
        if (city.Code != post.Key.City)
            throw new RefusedException(Open311Errors.OutsideKey.With(("territory", post.Key.Territory)));

        var account = post["account_id"].Length > 0 ? post["account_id"] : post["device_id"];
        var actor = new Actor($"open311:{post.Key.Name}:{NameOf(account)}", Roles.Resident, post.Peer);
        var content = new Struct();
        foreach (var (name, value) in post.Form)
            content.Fields.Add(name, Value.ForString(value));
        var id = await RequestIdAsync(post, actor, content, cancellation);
        var (report, service) = Read(post, city, id);

        try
        {
            var response = await commands.RunAsync(actor, Method, content, id, command => OpenAsync(command, report, service, post.Key), cancellation);
            intake.Opened();
            return new("service_requests", new Many("request", [new Fields(
                ("service_request_id", response.Case.Id),
                ("service_notice", NoticeOf(post)),
                ("account_id", null))]));
        }
        catch (RefusedException refused) when (refused.Refusal.Definition == CommonErrors.RequestIdReused)
        {
            throw new RefusedException(Open311Errors.KeyReused.With());
        }
    }

    private async Task<ReportCaseResponse> OpenAsync(Command command, ReportCaseRequest report, CaseCategory service, Open311Key key)
    {
        var (grid, place) = (await intake.LocateAsync(report, command.Cancellation)).OrRefuse();
        if (!key.Territory.Contains(TerritoryCode.Parse(grid)))
            throw new RefusedException(Open311Errors.OutsideKey.With(("territory", key.Territory)));
        var opened = await intake.OpenAsync(command, report, grid, place, $"上报人选择的类别：{service.Name}（{service.Code}）");
        Open311Store.Add(command, opened.Id, service.Code);
        return new ReportCaseResponse { Case = CaseMessages.ToMessage(opened, command.Now) };
    }

    /// <summary>The command, with all that is wrong with it said at once; its title is the service's name, which names nobody.</summary>
    private static (ReportCaseRequest Report, CaseCategory Service) Read(Open311Post post, Open311City city, Guid id)
    {
        var violations = new List<Violation>();
        var code = post["service_code"];
        if (code.Length is 0)
            violations.Add(Violation.Of("service_code", FieldErrors.Required));
        foreach (var name in (ReadOnlySpan<string>)["account_id", "device_id"])
            CheckId(name, post[name], violations);
        var service = city.Find(code);
        var report = new ReportCaseRequest
        {
            RequestId = id.ToString(),
            Title = service?.Name ?? code,
            Description = DescriptionOf(post, violations),
            Channel = CaseChannel.Open311,
            Contact = new Person { Name = NameOf(post["first_name"], post["last_name"]), Phone = post["phone"], Email = post["email"] },
        };
        Locate(post, report, violations);
        var of = new List<Violation>();
        RequestValidator.Check(report, of);
        violations.AddRange(of.Where(v => v.Field is not "title").Select(v => v with { Field = Arguments.GetValueOrDefault(v.Field, v.Field) }));
        if (violations.Count > 0)
            throw new RefusedException(CommonErrors.Invalid(violations));
        if (service is null)
            throw new RefusedException(Open311Errors.ServiceUnknown.With(("service", code)));
        if (report.LocationCase is ReportCaseRequest.LocationOneofCase.None)
            throw new RefusedException(post["address_string"].Length > 0 ? Open311Errors.AddressNotLocated.With() : CaseErrors.LocationMissing.With());
        return (report, service);
    }

    /// <summary>
    /// What the reporter wrote, with the place in words, the picture's address and what the app asked besides: nobody has looked at that,
    /// so it stands there as a part of what was said, is read by the same people, and is forgotten with it.
    /// </summary>
    private static string DescriptionOf(Open311Post post, List<Violation> violations)
    {
        var (address, media) = (post["address_string"], post["media_url"]);
        if (address.Length > MaxAddressLength)
            violations.Add(Violation.Of("address_string", FieldErrors.TooLong, ("length", address.Length), ("max", MaxAddressLength)));
        if (media.Length > MaxMediaUrlLength)
            violations.Add(Violation.Of("media_url", FieldErrors.TooLong, ("length", media.Length), ("max", MaxMediaUrlLength)));
        else if (media.Length > 0 && !(Uri.TryCreate(media, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"))
            violations.Add(Violation.Of("media_url", FieldErrors.Malformed, ("format", new Words("an http or https address", "网址（http 或 https）"))));
        string[] lines =
        [
            post["description"],
            address.Length is 0 ? "" : $"地点描述：{address}",
            media.Length is 0 ? "" : $"图片链接（未经核验）：{media}",
            .. AttributesOf(post, violations).Select(attribute => $"{attribute.Code}：{attribute.Value}"),
        ];
        return string.Join('\n', lines.Where(line => line.Length > 0));
    }

    // No service here asks for attributes; an app that knows them from another city sends them all the same.
    private static List<(string Code, string Value)> AttributesOf(Open311Post post, List<Violation> violations)
    {
        var attributes = new List<(string Code, string Value)>();
        foreach (var (name, value) in post.Form)
        {
            if (!name.StartsWith("attribute", StringComparison.Ordinal) || value.Length is 0)
                continue;
            if (AttributeName().Match(name) is { Success: true } match)
                attributes.Add((match.Groups[1].Value, value));
            else
                violations.Add(Violation.Of("attribute", FieldErrors.Malformed, ("format", new Words("attribute[CODE]", "属性名（attribute[编码]）"))));
            var length = name.Length + value.Length;
            if (length > MaxAttributeLength)
                violations.Add(Violation.Of("attribute", FieldErrors.TooLong, ("length", length), ("max", MaxAttributeLength)));
        }
        if (attributes.Count > MaxAttributes)
            violations.Add(Violation.Of("attribute", FieldErrors.TooMany, ("count", attributes.Count), ("max", MaxAttributes)));
        return attributes;
    }

    // attribute[WHISHETN], and attribute[WHISHETN][] where several may be chosen.
    [GeneratedRegex(@"^attribute\[([^\[\]]+)\](?:\[\])?$", RegexOptions.CultureInvariant)]
    private static partial Regex AttributeName();

    private static void Locate(Open311Post post, ReportCaseRequest report, List<Violation> violations)
    {
        if (post["lat"].Length > 0 || post["long"].Length > 0)
            report.Point = new Point { Longitude = Degrees("long"), Latitude = Degrees("lat"), System = CoordinateSystem.Wgs84 };
        else if (post["address_id"].Length > 0)
            report.GridCode = post["address_id"];

        double Degrees(string name)
        {
            const NumberStyles style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;
            if (double.TryParse(post[name], style, CultureInfo.InvariantCulture, out var degrees))
                return degrees;
            violations.Add(post[name].Length is 0
                ? Violation.Of(name, FieldErrors.Required)
                : Violation.Of(name, FieldErrors.Malformed, ("format", new Words("a number of degrees", "度数"))));
            return 0;
        }
    }

    /// <summary>Some apps take a telephone number or an address of e-mail for an account; no history and no audit may hold it.</summary>
    private string NameOf(string account) =>
        Guid.TryParse(account, out _) || Redaction.Clean(account, []).Removed is 0
            ? account
            : Convert.ToHexStringLower(keys.Index("open311.account", account));

    public static void CheckId(string name, string text, List<Violation> violations)
    {
        if (text.Length > MaxIdLength)
            violations.Add(Violation.Of(name, FieldErrors.TooLong, ("length", text.Length), ("max", MaxIdLength)));
        else if (text.Any(c => char.IsControl(c) || c is '\uFFFD'))
            violations.Add(Violation.Of(name, FieldErrors.NotText));
    }

    // Chinese names begin with the family's and have no space.
    private static string NameOf(string first, string last) =>
        first.Length is 0 || last.Length is 0 ? first + last
        : (first + last).Any(char.IsAsciiLetter) ? $"{first} {last}"
        : last + first;

    // Who reports is known by one word.
    private static string? NoticeOf(Open311Post post) =>
        post["account_id"].Length is 0 || post["device_id"].Length is 0 ? null
        : post.Language is Language.English ? "Not kept: device_id."
        : "以下内容未保留：device_id。";

    /// <summary>
    /// What a repeat has in common with the first. Without an Idempotency-Key that is all of the content and the ten minutes
    /// that it was sent in, or those before, if no more than ten minutes have passed since. A report that says nothing of who
    /// sends it may be another resident's, as at a kiosk: it is always a new one.
    /// </summary>
    private async Task<Guid> RequestIdAsync(Open311Post post, Actor actor, Struct content, CancellationToken cancellation)
    {
        if (post.IdempotencyKey.Length > 0)
            return new Guid(keys.Index("open311.key", $"{post.Key.Name}\0{post.IdempotencyKey}"));
        if (!Persons.Any(name => post[name].Length > 0))
            return ids.New(clock.GetUtcNow());
        using var hash = keys.NewHash();
        hash.AppendData(Encoding.UTF8.GetBytes(actor.Subject));
        hash.AppendData(content.ToByteArray());
        var digest = Convert.ToHexString(hash.GetHashAndReset());
        var now = clock.GetUtcNow();
        var part = now.UtcTicks / RepeatWithin.Ticks;
        var before = IdIn(part - 1);
        return await store.AnsweredSinceAsync(before, now - RepeatWithin, cancellation) ? before : IdIn(part);

        Guid IdIn(long part) => new(keys.Index("open311.repeat", $"{digest}\0{part}"));
    }
}
