using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Errors;
using Microsoft.AspNetCore.Http.Features;
using Npgsql;

namespace Governance.Grids.Open311;

/// <summary>
/// GeoReport v2 over HTTP: which resource a path means, who calls, and answers and errors in the format that the path asks
/// for. See docs/open311.md.
/// </summary>
public sealed partial class Open311Endpoint(
    Open311Keys keys, Open311Cities cities, Open311Rates rates, Open311Reads reads, Open311Posts posts, ILogger<Open311Endpoint> logger)
{
    public const string Root = "/open311/v2";
    public const int MaxBodyBytes = 64 * 1024;

    private const string KeyName = "api_key";
    private const string IdempotencyHeader = "Idempotency-Key";

    public async Task HandleAsync(HttpContext context)
    {
        var (segments, format) = Split(context.Request.Path.Value ?? "");
        var language = ErrorAnswers.LanguageOf(context.Request.Headers.AcceptLanguage.ToString());
        try
        {
            var answer = await AnswerAsync(context, format is null ? [] : segments, language);
            if (HttpMethods.IsPost(context.Request.Method))
                context.Response.StatusCode = StatusCodes.Status201Created;
            await WriteAsync(context, answer, format);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody waits for an answer any more.
        }
        catch (Exception exception)
        {
            await RefuseAsync(context, RefusalFor(exception, context), language, format);
        }
    }

    private async Task<Open311Answer> AnswerAsync(HttpContext context, string[] segments, Language language)
    {
        var request = context.Request;
        var cancellation = context.RequestAborted;
        if (segments is ["requests"] && HttpMethods.IsPost(request.Method))
            return await posts.PostAsync(await ReadPostAsync(context, language), cancellation);

        var known = segments is ["services"] or ["services", _] or ["requests"] or ["requests", _] or ["tokens", _] or ["discovery"];
        if (!known)
            throw new RefusedException(Open311Errors.PathUnknown.With());
        if (!HttpMethods.IsGet(request.Method))
        {
            context.Response.Headers.Allow = segments is ["requests"] ? "GET, POST" : "GET";
            throw new RefusedException(Open311Errors.MethodNotAllowed.With(("method", request.Method)));
        }
        if (!rates.AllowsRead(context.Connection.RemoteIpAddress))
            throw new RefusedException(Open311Errors.TooManyReads.With(("max", rates.ReadsPerMinute)));
        if (segments is ["discovery"])
            return reads.Discovery($"{request.Scheme}://{request.Host}");

        // Whoever sends a key wants to be known by it.
        var given = KeyOf(request, "");
        var city = await cities.OfAsync(Argument("jurisdiction_id"), given.Length > 0 ? Known(given) : null, cancellation);
        return segments switch
        {
            ["services"] => Open311Reads.Services(city, language),
            ["services", var code] => Open311Reads.Definition(city, code),
            ["requests"] => await reads.ListAsync(city, Argument, cancellation),
            ["tokens", var token] => await reads.TokenAsync(city, token, cancellation),
            [_, var id] => await reads.OneAsync(city, id, cancellation),
            _ => throw new RefusedException(Open311Errors.PathUnknown.With()),
        };

        string Argument(string name) => request.Query[name].ToString();
    }

    private async Task<Open311Post> ReadPostAsync(HttpContext context, Language language)
    {
        var request = context.Request;
        if (request.ContentLength > MaxBodyBytes)
            throw new RefusedException(Open311Errors.BodyTooLarge.With(("max_bytes", MaxBodyBytes)));
        // Of a body that does not say its length beforehand.
        context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = MaxBodyBytes;
        if (request.ContentType?.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase) is not true)
            throw new RefusedException(Open311Errors.FormExpected.With());

        var form = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var violations = new List<Violation>();
        foreach (var (name, values) in await request.ReadFormAsync(context.RequestAborted))
        {
            form[name] = string.Join(',', values.ToArray()).Trim();
            if (values.Count > 1 && !name.StartsWith("attribute", StringComparison.Ordinal))
                violations.Add(Violation.Of(name, FieldErrors.TooMany, ("count", values.Count), ("max", 1)));
        }
        var key = Known(KeyOf(request, form.GetValueOrDefault(KeyName, "")));
        // The key may change while the report stays the same, and is not to be written anywhere.
        form.Remove(KeyName);
        if (!form.ContainsKey("jurisdiction_id") && request.Query["jurisdiction_id"].ToString() is { Length: > 0 } jurisdiction)
            form["jurisdiction_id"] = jurisdiction;

        var idempotencyKey = request.Headers[IdempotencyHeader].ToString().Trim();
        Open311Posts.CheckId(IdempotencyHeader, idempotencyKey, violations);
        return violations.Count > 0
            ? throw new RefusedException(CommonErrors.Invalid(violations))
            : new Open311Post(form, key, idempotencyKey, context.Connection.RemoteIpAddress?.ToString(), language);
    }

    private static string KeyOf(HttpRequest request, string inForm)
    {
        if (inForm.Length > 0)
            return inForm;
        if (request.Query[KeyName].ToString() is { Length: > 0 } inQuery)
            return inQuery;
        return request.Headers["X-Api-Key"].ToString() is { Length: > 0 } inHeader ? inHeader : request.Headers[KeyName].ToString();
    }

    private Open311Key Known(string key) => keys.Find(key) ?? throw new RefusedException(Open311Errors.KeyUnknown.With());

    // Codes of services may hold dots themselves.
    private static (string[] Segments, string? Format) Split(string path)
    {
        var dot = path.LastIndexOf('.');
        var format = dot < 0 ? null : path[(dot + 1)..];
        if (format is not ("json" or "xml"))
            return ([], null);
        var resource = path[..dot];
        // The specification has discovery where the versions of an interface branch off.
        if (resource is "/discovery" or "/open311/discovery")
            return (["discovery"], format);
        return (resource.StartsWith($"{Root}/", StringComparison.Ordinal) ? resource[(Root.Length + 1)..].Split('/') : [], format);
    }

    private static Task RefuseAsync(HttpContext context, Refusal refusal, Language language, string? format)
    {
        var status = Open311Errors.StatusOf(refusal.Definition);
        context.Response.StatusCode = status;
        var said = refusal.Violations.Count > 0
            ? refusal.Violations.Take(ErrorAnswers.MaxViolations).Select(v => $"{v.Definition.Reason}: {v.Field} {v.Definition.Text(language, v.Metadata)}")
            : [$"{refusal.Definition.Reason}: {refusal.Definition.Text(language, refusal.Metadata)}"];
        return WriteAsync(
            context, new("errors", new Many("error", said.Select(text => new Fields(("code", status), ("description", text))))), format);
    }

    // XML is the format that every client of the specification reads.
    private static async Task WriteAsync(HttpContext context, Open311Answer answer, string? format)
    {
        var (type, bytes) = format is "json" ? ("application/json; charset=utf-8", answer.ToJson()) : ("text/xml; charset=utf-8", answer.ToXml());
        context.Response.ContentType = type;
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
    }

    private Refusal RefusalFor(Exception exception, HttpContext context)
    {
        switch (exception)
        {
            case RefusedException refused:
                return refused.Refusal;
            case BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }:
                return Open311Errors.BodyTooLarge.With(("max_bytes", MaxBodyBytes));
            case BadHttpRequestException or InvalidDataException:
                return Open311Errors.FormExpected.With();
            case NpgsqlException failed when ServiceDatabase.IsAway(failed):
                DatabaseAway(exception.Message);
                return CommonErrors.Unavailable.With();
            default:
                Failed(exception, context.TraceIdentifier);
                return CommonErrors.Internal.With(("incident", context.TraceIdentifier));
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The database is away: {Problem}")]
    private partial void DatabaseAway(string problem);

    [LoggerMessage(Level = LogLevel.Error, Message = "An Open311 call failed; incident {Incident}")]
    private partial void Failed(Exception exception, string incident);
}
