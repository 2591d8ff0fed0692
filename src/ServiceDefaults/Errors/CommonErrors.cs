using Grpc.Core;

namespace Governance.ServiceDefaults.Errors;

/// <summary>Errors that every service can give.</summary>
public static class CommonErrors
{
    public static readonly ErrorDefinition RequestInvalid = new("REQUEST_INVALID", StatusCode.InvalidArgument,
        "The request has {count} invalid field(s); see field_violations.", "请求中有 {count} 处字段无效，详见 field_violations。");

    /// <summary>A request with all that is wrong with it.</summary>
    public static Refusal Invalid(params IReadOnlyList<Violation> violations) =>
        RequestInvalid.With(("count", violations.Count)) with { Violations = violations };

    /// <summary>One thing that is wrong is told by its own reason; several as a request with several invalid fields.</summary>
    public static Refusal OneOrInvalid(IReadOnlyList<Violation> violations) =>
        violations is [var one] ? new Refusal(one.Definition, one.Metadata) { Violations = violations } : Invalid(violations);

    public static readonly ErrorDefinition RequestUnreadable = new("REQUEST_UNREADABLE", StatusCode.InvalidArgument,
        "The request is not a readable message of this method.", "请求内容无法解析为该方法的消息。");

    public static readonly ErrorDefinition MessageTooLarge = new("MESSAGE_TOO_LARGE", StatusCode.ResourceExhausted,
        "A message of the request is larger than {max_bytes} bytes; longer lists are streams.", "请求消息超过 {max_bytes} 字节；较长的列表请使用流。");

    public static readonly ErrorDefinition CompressionUnknown = new("COMPRESSION_UNKNOWN", StatusCode.Unimplemented,
        "The request's compression is not known here; gzip is.", "不支持该请求的压缩方式，请使用 gzip。");

    public static readonly ErrorDefinition TokenMissing = new("TOKEN_MISSING", StatusCode.Unauthenticated,
        "The call carries no bearer token.", "调用未携带身份令牌。");

    public static readonly ErrorDefinition TokenExpired = new("TOKEN_EXPIRED", StatusCode.Unauthenticated,
        "The token has expired.", "身份令牌已过期。");

    public static readonly ErrorDefinition TokenInvalid = new("TOKEN_INVALID", StatusCode.Unauthenticated,
        "The token is not valid: {problem}.", "身份令牌无效：{problem}。");

    public static readonly ErrorDefinition RoleNotAllowed = new("ROLE_NOT_ALLOWED", StatusCode.PermissionDenied,
        "None of the token's roles may make this call.", "当前角色无权进行此调用。");

    public static readonly ErrorDefinition AccessNotDeclared = new("ACCESS_NOT_DECLARED", StatusCode.PermissionDenied,
        "The method declares no access, so nobody may call it.", "该方法未声明访问规则，拒绝调用。");

    public static readonly ErrorDefinition OutsideTerritory = new("OUTSIDE_TERRITORY", StatusCode.PermissionDenied,
        "It lies outside the token's territory, is not the caller's own, or does not exist.", "超出令牌的管辖范围、不属于调用者本人，或不存在。");

    public static readonly ErrorDefinition MethodUnknown = new("METHOD_UNKNOWN", StatusCode.Unimplemented,
        "This service has no such method.", "该服务没有此方法。");

    public static readonly ErrorDefinition EtagStale = new("ETAG_STALE", StatusCode.Aborted,
        "The record has changed since it was read; read it again.", "记录已被修改，请重新读取。");

    public static readonly ErrorDefinition Contended = new("CONTENDED", StatusCode.Aborted,
        "Several commands changed the record at once; send this one again.", "多个操作同时修改该记录，请重试。");

    public static readonly ErrorDefinition RequestIdReused = new("REQUEST_ID_REUSED", StatusCode.InvalidArgument,
        "This request_id was already used for another request.", "该 request_id 已用于另一请求。");

    public static readonly ErrorDefinition PageTokenInvalid = new("PAGE_TOKEN_INVALID", StatusCode.InvalidArgument,
        "The page_token does not belong to this query.", "page_token 不属于本次查询。");

    public static readonly ErrorDefinition Unavailable = new("UNAVAILABLE", StatusCode.Unavailable,
        "A server that this service needs is away; try again.", "服务所依赖的组件暂不可用，请稍后重试。");

    public static readonly ErrorDefinition DeadlineExceeded = new("DEADLINE_EXCEEDED", StatusCode.DeadlineExceeded,
        "The call took longer than its deadline.", "调用超过时限。");

    public static readonly ErrorDefinition Internal = new("INTERNAL", StatusCode.Internal,
        "Something went wrong here; quote {incident} to the operator.", "服务内部错误，请向运维人员提供编号 {incident}。");

    public static readonly ErrorDefinition AnswerWithheld = new("ANSWER_WITHHELD", StatusCode.Internal,
        "The answer was withheld because its territory was not checked.", "应答未经管辖范围校验，已拦截。");
}

/// <summary>What can be wrong with a field.</summary>
public static class FieldErrors
{
    public static readonly ErrorDefinition Required = new("FIELD_REQUIRED", StatusCode.InvalidArgument, "must be set", "必填");

    public static readonly ErrorDefinition TooLong = new("FIELD_TOO_LONG", StatusCode.InvalidArgument,
        "has {length} characters, at most {max} are allowed", "长度为 {length}，最多 {max}");

    public static readonly ErrorDefinition TooMany = new("FIELD_TOO_MANY", StatusCode.InvalidArgument,
        "has {count} items, at most {max} are allowed", "共 {count} 项，最多 {max} 项");

    public static readonly ErrorDefinition TooSmall = new("FIELD_TOO_SMALL", StatusCode.InvalidArgument,
        "is {value}, must be at least {min}", "为 {value}，不得小于 {min}");

    public static readonly ErrorDefinition TooLarge = new("FIELD_TOO_LARGE", StatusCode.InvalidArgument,
        "is {value}, must be at most {max}", "为 {value}，不得大于 {max}");

    public static readonly ErrorDefinition Malformed = new("FIELD_MALFORMED", StatusCode.InvalidArgument,
        "is not {format}", "不是有效的{format}");

    public static readonly ErrorDefinition EnumUnknown = new("FIELD_ENUM_UNKNOWN", StatusCode.InvalidArgument,
        "has the unknown value {value}", "取值 {value} 未定义");

    public static readonly ErrorDefinition NotText = new("FIELD_NOT_TEXT", StatusCode.InvalidArgument,
        "holds bytes or control characters that are not text", "含有非文本字节或控制字符");

    public static readonly ErrorDefinition Mismatch = new("FIELD_MISMATCH", StatusCode.InvalidArgument,
        "must equal {other}", "必须与 {other} 一致");
}
