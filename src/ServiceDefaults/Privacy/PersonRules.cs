using System.Net.Mail;
using Governance.Common.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Errors;
using Grpc.Core;

namespace Governance.ServiceDefaults.Privacy;

public static class PersonErrors
{
    public static readonly ErrorDefinition NotFound = new("PERSON_NOT_FOUND", StatusCode.NotFound,
        "There are no personal data under {id}.", "{id} 下没有个人信息。");

    public static readonly ErrorDefinition Confidential = new("PERSON_CONFIDENTIAL", StatusCode.PermissionDenied,
        "The person asked to stay confidential; only an officer may see who it is.", "该人要求保密，仅主管人员可查看其身份。");

    public static readonly ErrorDefinition KeyMissing = new("PERSON_KEY_MISSING", StatusCode.InvalidArgument,
        "Say what to search by: a telephone number or an identity number.", "请提供查询依据：电话号码或身份证号码。");

    public static readonly ErrorDefinition SubjectNeeded = new("SUBJECT_NEEDED", StatusCode.FailedPrecondition,
        "{count} {kind} record(s) of the subject are still under way; its data are needed until they end.", "该主体尚有 {count} 件{kind}记录未办结，办结前需保留其信息。");
}

/// <summary>How personal data are written and shown, pure.</summary>
public static class PersonRules
{
    private const int MinDigits = 5;
    private const int MaxDigits = 15;

    public static bool IsPhone(string text) =>
        text.All(c => char.IsAsciiDigit(c) || c is '+' or ' ' or '-' or '(' or ')')
        && text.LastIndexOf('+') <= 0
        && text.Count(char.IsAsciiDigit) is >= MinDigits and <= MaxDigits;

    public static bool IsEmail(string text) =>
        MailAddress.TryCreate(text, out var address) && address.Address == text && !text.Any(char.IsControl);

    /// <summary>One form of each value, so that what is searched for meets what was written.</summary>
    public static Person Normal(Person given) => new()
    {
        Name = given.Name.Trim(),
        Phone = NormalPhone(given.Phone),
        CitizenId = given.CitizenId.Length is 0 ? "" : CitizenId.Parse(given.CitizenId).Value,
        Home = given.Home.Trim(),
        Email = given.Email,
    };

    public static string NormalPhone(string phone)
    {
        var digits = string.Concat(phone.Where(char.IsAsciiDigit));
        return phone.StartsWith("+86", StringComparison.Ordinal) ? digits[2..]
            : phone.StartsWith('+') ? $"+{digits}"
            : digits;
    }

    public static bool IsEmpty(Person? person) =>
        person is null || (person.Name.Trim().Length is 0 && person.Phone.Length is 0 && person.CitizenId.Length is 0
            && person.Home.Trim().Length is 0 && person.Email.Length is 0);

    /// <summary>Enough for those who know the person, too little to find anybody.</summary>
    public static Person Masked(Person plain) => new()
    {
        Name = plain.Name.Length is 0 ? "" : $"{plain.Name.EnumerateRunes().First()}*",
        Phone = plain.Phone.Length switch
        {
            0 => "",
            >= 11 => $"{plain.Phone[..3]}****{plain.Phone[^4..]}",
            _ => $"****{plain.Phone[^2..]}",
        },
        CitizenId = plain.CitizenId.Length is 0 ? "" : CitizenId.Parse(plain.CitizenId).Masked,
        Home = plain.Home.Length is 0 ? "" : "****",
        Email = plain.Email.Length is 0 ? "" : $"{plain.Email.EnumerateRunes().First()}***{plain.Email[plain.Email.LastIndexOf('@')..]}",
    };
}
