using Google.Protobuf.WellKnownTypes;
using Governance.Common.V1;
using Governance.Primitives;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Exports;
using Governance.ServiceDefaults.Grpc;
using Governance.ServiceDefaults.Paging;
using Grpc.Core;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.ServiceDefaults.Indicators;

public sealed class IndicatorService(
    ServiceDatabase database, DefinitionStore definitions, DefinitionRules rules, Counting counting, IndicatorTable table,
    Commands commands, TimeProvider clock)
    : Common.V1.Indicators.IndicatorsBase
{
    public override async Task<GetIndicatorsResponse> GetIndicators(GetIndicatorsRequest request, ServerCallContext context)
    {
        var scope = ScopeOf(context, request.Territory, request.Period);
        var response = new GetIndicatorsResponse();
        foreach (var definition in await WantedAsync(scope, request.Names, context.CancellationToken))
        {
            var value = await counting.ValueAsync(definition, scope, context.CancellationToken);
            response.Indicators.Add(new Indicator
            {
                Name = definition.Name,
                Title = definition.Title,
                TitleEn = definition.TitleEn,
                Unit = definition.Unit,
                Value = Quotient.Whole(definition, value),
                Exact = value,
                Version = definition.Version,
            });
        }
        return response;
    }

    public override async Task<GetIndicatorSeriesResponse> GetIndicatorSeries(GetIndicatorSeriesRequest request, ServerCallContext context)
    {
        var scope = ScopeOf(context, request.Territory, request.Period);
        var definition = Find(await definitions.OfAsync(scope.Territory, context.CancellationToken), request.Name, scope.Days.IsBounded);
        var shape = new Shape(request.Span, "");
        if (!scope.Days.IsBounded)
            throw new RefusedException(IndicatorErrors.PeriodRequired.With(("name", request.Name)));
        if (IndicatorTable.NoSeries(definition) is { } refusal)
            throw refusal;
        var response = new GetIndicatorSeriesResponse { Version = definition.Version };
        await foreach (var line in table.ReadAsync(definition, scope, shape, context.CancellationToken))
        {
            response.Points.Add(new IndicatorPoint
            {
                From = IsoDate.Text(line.Days.From!.Value),
                Until = IsoDate.Text(line.Days.To!.Value.AddDays(-1)),
                Value = line.Value,
            });
        }
        return response;
    }

    public override async Task<GetIndicatorBreakdownResponse> GetIndicatorBreakdown(GetIndicatorBreakdownRequest request, ServerCallContext context)
    {
        var scope = ScopeOf(context, request.Territory, request.Period);
        var definition = Find(await definitions.OfAsync(scope.Territory, context.CancellationToken), request.Name, scope.Days.IsBounded);
        if (table.NoParts(definition, request.Dimension) is { } refusal)
            throw refusal;

        var page = Page.Of(request, request.PageSize, request.PageToken, keys: 1);
        var read = await counting.PartsAsync(definition, scope, request.Dimension, context.CancellationToken);
        var parts = read.Where(p => page.After is null || string.CompareOrdinal(p.Key, page.After[0]) > 0)
            .OrderBy(p => p.Key, StringComparer.Ordinal)
            .Take(page.Fetch)
            .ToList();
        var response = new GetIndicatorBreakdownResponse { NextPageToken = page.Next(parts, p => [p.Key]), Version = definition.Version };
        response.Parts.Add(parts.Select(p => new IndicatorPart { Key = p.Key, Value = p.Value }));
        return response;
    }

    public override async Task<ListIndicatorRecordsResponse> ListIndicatorRecords(ListIndicatorRecordsRequest request, ServerCallContext context)
    {
        var scope = ScopeOf(context, request.Territory, request.Period);
        var definition = Find(await definitions.OfAsync(scope.Territory, context.CancellationToken), request.Name, boundedOnly: true);
        var term = (request.Over ? definition.Over : definition.Value)
            ?? throw new RefusedException(IndicatorErrors.HasNoBase.With(("name", request.Name)));
        var measure = rules.MeasureOf(term);
        var problems = new List<Violation>();
        DefinitionRules.Check(measure, request.Where, "where", problems);
        if (problems.Count > 0)
            throw new RefusedException(CommonErrors.Invalid(problems));

        var page = Page.Of(request, request.PageSize, request.PageToken, keys: 2);
        var query = new IndicatorQuery(rules, scope);
        var conditions = query.Conditions(term, measure, request.Where);
        if (page.After is { } after)
        {
            var territory = query.Add(P(after[0]));
            var id = $"{query.Add(P(after[1]))}::{measure.IdType}";
            conditions += $"\n  and {measure.Territory} >= {territory} and ({measure.Territory} > {territory} or {measure.Id} < {id})";
        }
        var at = term.Instant.Length is 0 ? "null::timestamptz" : IndicatorQuery.InstantOf(measure, term.Instant);
        var records = await database.QueryAsync(
            $"""
            select ({measure.Id})::text, {measure.Territory}, {at}
            from {measure.Table} as r
            where {conditions}
            order by {measure.Territory}, {measure.Id} desc limit {query.Add(P(page.Fetch))}
            """,
            r => new IndicatorRecord { Id = r.GetString(0), Territory = r.GetString(1), At = r.InstantOrNull(2)?.ToTimestamp() },
            [.. query.Parameters],
            context.CancellationToken);
        var response = new ListIndicatorRecordsResponse { NextPageToken = page.Next(records, r => [r.Territory, r.Id]) };
        response.Records.Add(records);
        return response;
    }

    public override async Task ExportIndicators(
        ExportIndicatorsRequest request, IServerStreamWriter<ExportIndicatorsResponse> responseStream, ServerCallContext context)
    {
        var scope = ScopeOf(context, request.Territory, request.Period);
        var (cancellation, language) = (context.CancellationToken, context.Call().Language);
        var shape = new Shape(request.Span, request.Dimension);
        var wanted = await WantedAsync(scope, request.Names, cancellation);
        var csv = new CsvWriter();
        TableLine.WriteHeader(csv, language);
        foreach (var definition in table.Fitting(wanted, shape, scope.Days, request.Names.Count > 0))
        {
            await foreach (var line in table.ReadAsync(definition, scope, shape, cancellation))
            {
                line.WriteTo(csv, scope.Territory.ToString(), language);
                if (csv.IsFull)
                    await responseStream.WriteAsync(new ExportIndicatorsResponse { Chunk = csv.Take() }, cancellation);
            }
        }
        await responseStream.WriteAsync(new ExportIndicatorsResponse { Chunk = csv.Take() }, cancellation);
    }

    public override async Task<ListIndicatorDefinitionsResponse> ListIndicatorDefinitions(
        ListIndicatorDefinitionsRequest request, ServerCallContext context)
    {
        var response = new ListIndicatorDefinitionsResponse();
        var city = request.City.Length is 0 ? TerritoryCode.All : TerritoryCode.Parse(request.City);
        response.Definitions.Add(await definitions.OfAsync(city, context.CancellationToken));
        response.Measures.Add(rules.Measures.Select(Describe));
        return response;
    }

    public override async Task<PutIndicatorDefinitionsResponse> PutIndicatorDefinitions(
        PutIndicatorDefinitionsRequest request, ServerCallContext context)
    {
        if (rules.Problems(request.Definitions) is { Count: > 0 } problems)
            throw new RefusedException(CommonErrors.Invalid(problems));
        var city = TerritoryCode.Parse(request.City).ToString();
        var response = await commands.RunAsync(context, request, request.RequestId, async command =>
        {
            var own = await DefinitionStore.OwnAsync(command, city);
            var answer = new PutIndicatorDefinitionsResponse();
            foreach (var wanted in request.Definitions)
            {
                var before = own.GetValueOrDefault(wanted.Name);
                var definition = wanted.Clone();
                definition.Version = before?.Version ?? 0;
                if (definition.Equals(before))
                {
                    answer.Unchanged++;
                }
                else
                {
                    definition.Version++;
                    own[definition.Name] = definition;
                    DefinitionStore.Add(command, city, definition);
                }
                answer.Definitions.Add(definition);
            }
            if (own.Count > DefinitionStore.MaxDefinitions)
                throw new RefusedException(IndicatorErrors.TooMany.With(("max", DefinitionStore.MaxDefinitions)));
            if (answer.Unchanged < answer.Definitions.Count)
                DefinitionStore.Touch(command);
            return answer;
        });
        await definitions.RefreshAsync(context.CancellationToken);
        return response;
    }

    private Scope ScopeOf(ServerCallContext context, string territory, IndicatorPeriod? period) =>
        new(context.Call().TerritoryOrOwn(territory), Days.Of(period), clock.GetUtcNow());

    /// <summary>Those that were asked for, or all that can be told.</summary>
    private async Task<IReadOnlyList<IndicatorDefinition>> WantedAsync(
        Scope scope, IReadOnlyCollection<string> names, CancellationToken cancellation)
    {
        var all = await definitions.OfAsync(scope.Territory, cancellation);
        return names.Count > 0
            ? [.. names.Select(name => Find(all, name, scope.Days.IsBounded))]
            : [.. all.Where(d => scope.Days.IsBounded || !Counting.NeedsPeriod(d))];
    }

    private static IndicatorDefinition Find(IReadOnlyList<IndicatorDefinition> all, string name, bool boundedOnly)
    {
        var definition = all.FirstOrDefault(d => d.Name == name) ?? throw new RefusedException(IndicatorErrors.Unknown.With(("name", name)));
        return boundedOnly || !Counting.NeedsPeriod(definition)
            ? definition
            : throw new RefusedException(IndicatorErrors.PeriodRequired.With(("name", name)));
    }

    private static MeasureDescription Describe(Measure measure)
    {
        var message = new MeasureDescription { Name = measure.Name, Title = measure.Title, TitleEn = measure.English };
        foreach (var dimension in measure.Dimensions.Where(d => !d.IsSubject))
            message.Dimensions.Add(new DimensionDescription { Name = dimension.Name, Values = { dimension.Values } });
        message.Instants.Add(measure.Instants.Select(i => i.Name));
        message.Numbers.Add(measure.Numbers.Select(n => n.Name));
        return message;
    }
}
