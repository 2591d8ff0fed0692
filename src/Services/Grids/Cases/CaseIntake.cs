using Governance.Common.V1;
using Governance.Grids.Boundaries;
using Governance.Grids.Policies;
using Governance.Grids.V1;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Geography;
using Governance.ServiceDefaults.Privacy;

namespace Governance.Grids.Cases;

/// <summary>The grid of a report, and its point in WGS-84 when there is one.</summary>
public readonly record struct Located(string Grid, (double Longitude, double Latitude)? Place);

/// <summary>Opens cases, whichever capability heard of the matter: by one rule, within the command that is at hand.</summary>
public sealed class CaseIntake(
    CaseNumbers numbers, PolicyStore policies, BoundaryStore boundaries, GridLocator locator, PersonStore persons, CaseFeed feed)
{
    /// <summary>Where a report belongs.</summary>
    public async ValueTask<Outcome<Located>> LocateAsync(ReportCaseRequest request, CancellationToken cancellation)
    {
        switch (request.LocationCase)
        {
            case ReportCaseRequest.LocationOneofCase.Point:
                var point = Coordinates.ToWgs84(request.Point);
                return new Located(await locator.LocateAsync(point, GridKind.Unspecified, cancellation), (point.X, point.Y));
            case ReportCaseRequest.LocationOneofCase.GridCode:
                return await boundaries.WhyNotAsync(request.GridCode, cancellation) is { } why ? why : new Located(request.GridCode, null);
            default:
                return CaseErrors.LocationMissing.With();
        }
    }

    /// <summary>Opens what the actor of the command reports, and keeps the people whom the report names.</summary>
    public Task<Case> OpenAsync(
        Command command, ReportCaseRequest request, string grid, (double Longitude, double Latitude)? place, string note = "")
    {
        var id = command.NewId();
        var subject = command.Actor.Subject;
        if (request.Confidential)
            command.ActUnder(persons.Pseudonym(id, subject));
        return OpenAsync(command, id, grid, new CaseReport(
            request.Title, request.Description, request.Channel, place, command.Actor.Subject, request.Confidential,
            KeepPeople(request, command, id, grid, subject), note), request.Contact, request.OnBehalfOf);
    }

    /// <summary>The case is opened if and only if the command commits.</summary>
    public async Task<Case> OpenAsync(Command command, Guid id, string grid, CaseReport report, params Person?[] named)
    {
        var step = CaseRules.Report(
            id, await numbers.NextAsync(command.Cancellation), grid, Titled(report, [.. named.OfType<Person>()]),
            await policies.OfAsync(grid, command.Cancellation), command.Now).OrRefuse();
        CaseStore.Add(command, step);
        return step.Next;
    }

    /// <summary>Those who watch need not wait for their next look; called once the command has committed.</summary>
    public void Opened() => feed.Changed();

    /// <summary>
    /// A title goes into events, queues and files: it loses what tells of people. What is known nowhere else, such as another's
    /// number, heads the description, which goes to none of them.
    /// </summary>
    private static CaseReport Titled(CaseReport report, IReadOnlyCollection<Person> named)
    {
        var (title, removed) = Redaction.Clean(report.Title, named);
        if (removed is 0)
            return report;
        var rest = Redaction.Without(report.Title, named);
        return report with
        {
            Title = title,
            Description = rest == title ? report.Description : $"{rest}\n{report.Description}".TrimEnd(),
        };
    }

    /// <summary>Adds the people that a report names to its command; how many.</summary>
    private int KeepPeople(ReportCaseRequest request, Command command, Guid id, string grid, string subject)
    {
        var kept = 0;
        // Who stays confidential is known from here alone.
        if (request.Confidential || !PersonRules.IsEmpty(request.Contact))
            Keep(PersonPart.Reporter, request.Contact, request.Confidential, subject);
        if (!PersonRules.IsEmpty(request.OnBehalfOf))
            Keep(PersonPart.OnBehalf, request.OnBehalfOf, false, "");
        return kept;

        void Keep(PersonPart part, Person? person, bool confidential, string of)
        {
            persons.Add(command, CaseStore.RecordKind, id, grid, part, person, confidential, of);
            kept++;
        }
    }
}
