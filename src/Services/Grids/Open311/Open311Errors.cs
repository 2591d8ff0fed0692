using Governance.Grids.Boundaries;
using Governance.ServiceDefaults.Errors;
using Grpc.Core;

namespace Governance.Grids.Open311;

public static class Open311Errors
{
    public static readonly ErrorDefinition PathUnknown = new("OPEN311_PATH_UNKNOWN", StatusCode.NotFound,
        "There is no such resource; paths are /open311/v2/services.json and the like, and end in .json or .xml.",
        "没有此资源；路径形如 /open311/v2/services.json，以 .json 或 .xml 结尾。");

    public static readonly ErrorDefinition MethodNotAllowed = new("OPEN311_METHOD_NOT_ALLOWED", StatusCode.Unimplemented,
        "This resource does not know {method}.", "该资源不支持 {method}。");

    public static readonly ErrorDefinition KeyUnknown = new("OPEN311_KEY_UNKNOWN", StatusCode.PermissionDenied,
        "api_key is missing or not known here.", "api_key 缺失或无效。");

    public static readonly ErrorDefinition OutsideKey = new("OPEN311_OUTSIDE_KEY", StatusCode.PermissionDenied,
        "This api_key may report in {territory} only.", "该 api_key 仅可上报 {territory} 范围内的事项。");

    public static readonly ErrorDefinition JurisdictionUnknown = new("OPEN311_JURISDICTION_UNKNOWN", StatusCode.NotFound,
        "No jurisdiction {jurisdiction} is served here; it is the code of a city.", "此处不提供辖区 {jurisdiction}；辖区为城市编码。");

    public static readonly ErrorDefinition ServiceUnknown = new("OPEN311_SERVICE_UNKNOWN", StatusCode.NotFound,
        "The city has no service {service}.", "本市没有服务 {service}。");

    public static readonly ErrorDefinition RequestUnknown = new("OPEN311_REQUEST_UNKNOWN", StatusCode.NotFound,
        "There is no public request {id}.", "没有编号为 {id} 的公开事项。");

    public static readonly ErrorDefinition AddressNotLocated = new("OPEN311_ADDRESS_NOT_LOCATED", StatusCode.InvalidArgument,
        "address_string can't be located here: send lat and long, or the code of a grid as address_id.",
        "无法根据 address_string 定位，请提供 lat 和 long，或以 address_id 提供网格编码。");

    public static readonly ErrorDefinition SpanTooLong = new("OPEN311_SPAN_TOO_LONG", StatusCode.InvalidArgument,
        "From start_date to end_date must be 0 to {days} days.", "start_date 至 end_date 须为 0 至 {days} 天。");

    public static readonly ErrorDefinition FormExpected = new("OPEN311_FORM_EXPECTED", StatusCode.InvalidArgument,
        "The body must be a form, application/x-www-form-urlencoded in UTF-8.", "请求体须为 UTF-8 编码的 application/x-www-form-urlencoded 表单。");

    public static readonly ErrorDefinition BodyTooLarge = new("OPEN311_BODY_TOO_LARGE", StatusCode.ResourceExhausted,
        "The body is larger than {max_bytes} bytes.", "请求体超过 {max_bytes} 字节。");

    public static readonly ErrorDefinition TooManyPosts = new("OPEN311_TOO_MANY_POSTS", StatusCode.ResourceExhausted,
        "This api_key has sent {max} reports within the minute, the most it may; try again in the next.",
        "该 api_key 本分钟内已上报 {max} 次，达到上限，请稍后再试。");

    public static readonly ErrorDefinition TooManyReads = new("OPEN311_TOO_MANY_READS", StatusCode.ResourceExhausted,
        "This address has asked {max} times within the minute, the most it may; try again in the next.",
        "该地址本分钟内已查询 {max} 次，达到上限，请稍后再试。");

    public static readonly ErrorDefinition Busy = new("OPEN311_BUSY", StatusCode.ResourceExhausted,
        "As many as may are reading here right now; try again in a moment.", "当前查询已满，请稍后再试。");

    public static readonly ErrorDefinition PageTooDeep = new("OPEN311_PAGE_TOO_DEEP", StatusCode.InvalidArgument,
        "page and page_size pass over {passed} requests, at most {max} are; give the requested_datetime of the last one as end_date, and begin anew.",
        "page 与 page_size 跳过 {passed} 条，最多 {max} 条；请以最后一条的 requested_datetime 作为 end_date 重新查询。");

    public static readonly ErrorDefinition KeyReused = new("OPEN311_IDEMPOTENCY_KEY_REUSED", StatusCode.AlreadyExists,
        "This Idempotency-Key was already used for another report.", "该 Idempotency-Key 已用于另一次上报。");

    /// <summary>The status of HTTP for a refusal.</summary>
    public static int StatusOf(ErrorDefinition error) =>
        error == FormExpected ? StatusCodes.Status415UnsupportedMediaType
        : error == BodyTooLarge ? StatusCodes.Status413PayloadTooLarge
        : error == MethodNotAllowed ? StatusCodes.Status405MethodNotAllowed
        // An argument names them, not the path.
        : error == BoundaryErrors.PointOutsideGrids || error == BoundaryErrors.GridNotFound || error == BoundaryErrors.Ended
            ? StatusCodes.Status400BadRequest
        : error.Status switch
        {
            StatusCode.InvalidArgument => StatusCodes.Status400BadRequest,
            StatusCode.PermissionDenied => StatusCodes.Status403Forbidden,
            StatusCode.NotFound => StatusCodes.Status404NotFound,
            StatusCode.AlreadyExists or StatusCode.Aborted => StatusCodes.Status409Conflict,
            StatusCode.ResourceExhausted => StatusCodes.Status429TooManyRequests,
            // A policy or a year of the calendar that the city still owes.
            StatusCode.Unavailable or StatusCode.FailedPrecondition => StatusCodes.Status503ServiceUnavailable,
            _ => StatusCodes.Status500InternalServerError,
        };
}
