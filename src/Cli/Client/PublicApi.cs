using Governance.Common.V1;
using Governance.Grids.V1;
using Governance.Organisations.V1;
using Governance.Properties.V1;
using Governance.Volunteers.V1;
using Grpc.Core;
using Directory = Governance.Organisations.V1.Directory;

namespace Governance.Cli.Client;

/// <summary>The public API of the stack, as one caller reaches it.</summary>
internal sealed class PublicApi(Func<string, CallInvoker> service)
{
    /// <summary>Names of the services, in the order in which they are shown.</summary>
    public static readonly IReadOnlyList<string> Services = ["organisations", "grids", "volunteers", "properties"];

    public Directory.DirectoryClient Directory { get; } = new(service("organisations"));

    public Whistles.WhistlesClient Whistles { get; } = new(service("organisations"));

    public Boundaries.BoundariesClient Boundaries { get; } = new(service("grids"));

    public Cases.CasesClient Cases { get; } = new(service("grids"));

    public Councils.CouncilsClient Councils { get; } = new(service("grids"));

    public Staffing.StaffingClient Staffing { get; } = new(service("grids"));

    public Dispatch.DispatchClient Dispatch { get; } = new(service("grids"));

    public Attachments.AttachmentsClient Attachments { get; } = new(service("grids"));

    public Deadlines.DeadlinesClient Deadlines { get; } = new(service("grids"));

    public Escalations.EscalationsClient Escalations { get; } = new(service("grids"));

    public Intake.IntakeClient Intake { get; } = new(service("grids"));

    public Reviews.ReviewsClient Reviews { get; } = new(service("grids"));

    public Mediations.MediationsClient Mediations { get; } = new(service("grids"));

    public SatisfactionSurveys.SatisfactionSurveysClient SatisfactionSurveys { get; } = new(service("grids"));

    public Budgets.BudgetsClient Budgets { get; } = new(service("grids"));

    public Visits.VisitsClient Visits { get; } = new(service("grids"));

    public Meetings.MeetingsClient Meetings { get; } = new(service("grids"));

    public Bulletins.BulletinsClient Bulletins { get; } = new(service("grids"));

    public Exports.ExportsClient Exports { get; } = new(service("grids"));

    public Policies.PoliciesClient Policies { get; } = new(service("grids"));

    public Teams.TeamsClient Teams { get; } = new(service("volunteers"));

    public Activities.ActivitiesClient Activities { get; } = new(service("volunteers"));

    public Estates.EstatesClient Estates { get; } = new(service("properties"));

    public WorkOrders.WorkOrdersClient WorkOrders { get; } = new(service("properties"));

    public Indicators.IndicatorsClient Indicators(string name) => new(service(name));

    public Persons.PersonsClient Persons(string name) => new(service(name));

    public Destinations.DestinationsClient Destinations(string name) => new(service(name));

    public Changes.ChangesClient Changes(string name) => new(service(name));

    public Operations.OperationsClient Operations(string name) => new(service(name));
}
