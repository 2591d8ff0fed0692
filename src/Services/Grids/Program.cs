using Governance.Contracts.Events;
using Governance.Grids.Attachments;
using Governance.Grids.Boundaries;
using Governance.Grids.Bulletins;
using Governance.Grids.Budgets;
using Governance.Grids.Cases;
using Governance.Grids.Councils;
using Governance.Grids.Deadlines;
using Governance.Grids.Dispatch;
using Governance.Grids.Escalations;
using Governance.Grids.Exports;
using Governance.Grids.Intake;
using Governance.Grids.Mediations;
using Governance.Grids.Meetings;
using Governance.Grids.Open311;
using Governance.Grids.Policies;
using Governance.Grids.Reviews;
using Governance.Grids.SatisfactionSurveys;
using Governance.Grids.Staffing;
using Governance.Grids.Visits;
using Governance.ServiceDefaults;
using Governance.ServiceDefaults.Changes;
using Governance.ServiceDefaults.Privacy;
using Governance.ServiceDefaults.Webhooks;

namespace Governance.Grids;

public static class Program
{
    public static Task<int> Main(string[] args) => ServiceHost.RunServiceAsync(() => Create(args));

    /// <summary>The service, ready to be started; tests adjust what they must.</summary>
    public static WebApplication Create(string[] args, Action<WebApplicationBuilder>? adjust = null)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.AddServiceDefaults("grids", typeof(Program).Assembly, events =>
        {
            events.Add<WorkOrderOpenedConsumer, WorkOrderOpened>();
            events.Add<WorkOrderCompletedConsumer, WorkOrderCompleted>();
            events.Add<WorkOrderDeclinedConsumer, WorkOrderDeclined>();
            events.Add<ActivityOpenedConsumer, ActivityOpened>();
            events.Add<ActivityCompletedConsumer, ActivityCompleted>();
            events.Add<ResponderReportedConsumer, ResponderReported>();
        });
        builder.AddServiceClient<Organisations.V1.Directory.DirectoryClient>("organisations");

        var services = builder.Services;
        services.AddSingleton<BoundaryStore>();
        services.AddSingleton<GridLocator>();
        services.AddSingleton<PolicyStore>();
        services.AddSingleton<CaseStore>();
        services.AddSingleton<CaseFeed>();
        services.AddSingleton<CaseNumbers>();
        services.AddSingleton<CaseIntake>();
        services.AddSingleton<CaseActs>();
        services.AddSingleton<AttachmentStore>();
        services.AddSingleton<CaseEvents>();
        services.AddSingleton<ISubjectRecords, CaseSubjects>();
        services.AddSingleton<IKeptTexts, CaseTexts>();
        services.AddSingleton<ISubjectRecords, CouncilSubjects>();
        services.AddSingleton<ISubjectRecords, TopicSubjects>();
        services.AddSingleton<ISubjectRecords, DispatchSubjects>();
        services.AddSingleton<ISubjectRecords, EscalationSubjects>();
        services.AddSingleton<EscalationStore>();
        services.AddSingleton<AssignmentStore>();
        services.AddSingleton<QueueStore>();
        services.AddSingleton<CommandCounts>();
        services.AddSingleton<RosterStore>();
        services.AddSingleton<WhistleRecords>();
        services.AddSingleton<ConsultationStore>();
        services.AddSingleton<OverdueCases>();
        services.AddHostedService(provider => provider.GetRequiredService<OverdueCases>());
        services.AddSingleton<AnsweredCases>();
        services.AddHostedService(provider => provider.GetRequiredService<AnsweredCases>());
        services.AddSingleton<DirectoryGateway>();
        services.AddSingleton<CasePeople>();
        services.AddSingleton<CouncilStore>();
        services.AddSingleton<TopicStore>();
        services.AddSingleton<SessionStore>();
        services.AddSingleton<BallotStore>();
        services.AddSingleton<VoterSeals>();
        services.AddStaffing();
        services.AddVisits();
        services.AddBulletins();
        services.AddSatisfactionSurveys();
        services.AddMeetings();
        services.AddSingleton<MediationStore>();
        services.AddSingleton<ISubjectRecords, MediationSubjects>();
        services.AddSingleton<IKeptTexts, MediationTexts>();
        services.AddSingleton(MediationMeasures.Mediations);
        services.AddBudgets();
        services.AddSingleton(StandardMeasures.Standards);
        builder.AddOpen311();
        builder.AddWebhooks();
        builder.AddChanges(typeof(Program).Assembly);
        services.AddSingleton<CaseExport>();

        services.AddSingleton(BoundaryMeasures.Grids);
        services.AddSingleton(CaseMeasures.Cases);
        services.AddSingleton(CaseMeasures.Dimensions);
        foreach (var measure in CouncilMeasures.All)
            services.AddSingleton(measure);

        adjust?.Invoke(builder);
        var app = builder.Build();
        app.MapOpen311();
        app.MapServiceDefaults();
        app.MapWebhooks();
        app.MapChanges();
        app.MapGrpcService<AttachmentService>();
        app.MapGrpcService<BoundaryService>();
        app.MapGrpcService<PolicyService>();
        app.MapGrpcService<CaseService>();
        app.MapGrpcService<IntakeService>();
        app.MapGrpcService<ReviewService>();
        app.MapGrpcService<DeadlineService>();
        app.MapGrpcService<EscalationService>();
        app.MapGrpcService<ExportService>();
        app.MapGrpcService<DispatchService>();
        app.MapGrpcService<CouncilService>();
        app.MapGrpcService<StaffingService>();
        app.MapGrpcService<VisitService>();
        app.MapGrpcService<BulletinService>();
        app.MapGrpcService<SatisfactionService>();
        app.MapGrpcService<MeetingService>();
        app.MapGrpcService<MediationService>();
        app.MapGrpcService<BudgetService>();
        return app;
    }
}
