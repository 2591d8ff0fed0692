using Governance.Grids.V1;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Grpc;
using Governance.ServiceDefaults.Identity;
using Governance.TestKit;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Shouldly;
using Xunit;

namespace Governance.ServiceDefaults.Tests;

public sealed class AccessTests
{
    private const string GetCase = "/governance.grids.v1.Cases/GetCase";

    private static readonly AccessInterceptor Interceptor = new(new TokenReader(
        Options.Create(new IdentityOptions { SigningKey = TestTokens.SigningKey }), TimeProvider.System, NullLogger<TokenReader>.Instance));

    [Fact]
    public async Task An_answer_whose_territory_was_not_checked_is_withheld()
    {
        var refused = await Should.ThrowAsync<RefusedException>(() => CallAsync("officer", "3406", (_, _) => Task.FromResult(new GetCaseResponse())));
        refused.Refusal.Definition.ShouldBe(CommonErrors.AnswerWithheld);
    }

    [Fact]
    public async Task An_answer_whose_territory_was_checked_is_given() =>
        await CallAsync("officer", "3406", (_, context) =>
        {
            context.Call().Authorize("34060300100101");
            return Task.FromResult(new GetCaseResponse());
        });

    [Theory]
    [InlineData("officer", "340602", false)]
    [InlineData("officer", "340603001", true)]
    [InlineData("officer", "*", true)]
    [InlineData("resident", "3406", false)]
    public async Task Reach_is_the_prefix_of_the_token(string role, string territory, bool reaches)
    {
        Task Run() => CallAsync(role, territory, (_, context) =>
        {
            context.Call().Authorize("34060300100101");
            return Task.FromResult(new GetCaseResponse());
        });
        if (reaches)
            await Run();
        else
            (await Should.ThrowAsync<RefusedException>(Run)).Refusal.Definition.ShouldBe(CommonErrors.OutsideTerritory);
    }

    [Theory]
    [InlineData("resident", true)]
    [InlineData("responder", false)]
    [InlineData("officer", false)]
    public async Task What_is_ones_own_counts_only_in_the_role_that_the_method_names(string role, bool allowed)
    {
        Task Run() => CallAsync(role, "340602", (_, context) =>
        {
            context.Call().Authorize("34060300100101", Roles.Resident);
            return Task.FromResult(new GetCaseResponse());
        });
        if (allowed)
            await Run();
        else
            (await Should.ThrowAsync<RefusedException>(Run)).Refusal.Definition.ShouldBe(CommonErrors.OutsideTerritory);
    }

    [Theory]
    [InlineData("volunteer", "ROLE_NOT_ALLOWED")]
    [InlineData("nobody", "ROLE_NOT_ALLOWED")]
    public async Task A_role_that_is_not_named_is_refused(string role, string reason) =>
        (await Should.ThrowAsync<RefusedException>(() => CallAsync(role, "3406", (_, _) => throw new InvalidOperationException("reached"))))
            .Refusal.Definition.Reason.ShouldBe(reason);

    [Fact]
    public async Task A_method_without_declaration_is_refused()
    {
        var context = new FakeContext("/governance.violations.v1.Violations/ChangeWithoutAccess", TestTokens.Make("operator", "*"));
        var refused = await Should.ThrowAsync<RefusedException>(() =>
            Interceptor.UnaryServerHandler<GetCaseRequest, GetCaseResponse>(new GetCaseRequest(), context, (_, _) => throw new InvalidOperationException("reached")));
        refused.Refusal.Definition.ShouldBe(CommonErrors.AccessNotDeclared);
    }

    private static Task<GetCaseResponse> CallAsync(string role, string territory, UnaryServerMethod<GetCaseRequest, GetCaseResponse> handler) =>
        Interceptor.UnaryServerHandler(
            new GetCaseRequest { Id = Guid.NewGuid().ToString() }, new FakeContext(GetCase, TestTokens.Make(role, territory)), handler);

    private sealed class FakeContext(string method, string token) : ServerCallContext
    {
        protected override string MethodCore => method;

        protected override string HostCore => "";

        protected override string PeerCore => "ipv4:127.0.0.1:1";

        protected override DateTime DeadlineCore => DateTime.MaxValue;

        protected override Metadata RequestHeadersCore => [];

        protected override CancellationToken CancellationTokenCore => CancellationToken.None;

        protected override Metadata ResponseTrailersCore { get; } = [];

        protected override Status StatusCore { get; set; }

        protected override WriteOptions? WriteOptionsCore { get; set; }

        protected override AuthContext AuthContextCore => new("", []);

        // Where the library looks for the HTTP call of a context that is not its own.
        protected override IDictionary<object, object> UserStateCore { get; } = new Dictionary<object, object>
        {
            ["__HttpContext"] = new DefaultHttpContext { Request = { Headers = { Authorization = $"Bearer {token}" } } },
        };

        protected override ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options) => throw new NotSupportedException();

        protected override Task WriteResponseHeadersAsyncCore(Metadata responseHeaders) => Task.CompletedTask;
    }
}
