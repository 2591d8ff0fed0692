using Google.Rpc;
using Governance.ServiceDefaults.Errors;
using Governance.ServiceDefaults.Identity;
using Governance.TestKit;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;
using Shouldly;
using Xunit;
using TokenReader = Governance.ServiceDefaults.Identity.TokenReader;

namespace Governance.ServiceDefaults.Tests.Hosting;

/// <summary>Tokens of an OIDC authority, over real sockets between client, service and authority.</summary>
public sealed class AuthorityTests : IAsyncLifetime
{
    private readonly Authority authority = new();
    private readonly TestClock clock = new();
    private BareService service = null!;

    public async ValueTask InitializeAsync() =>
        service = await BareService.StartAsync(
            clock, $"--Identity:Authority={authority.Address}", "--Identity:ServiceTokenFile=/nowhere/token");

    public async ValueTask DisposeAsync()
    {
        await service.DisposeAsync();
        await authority.DisposeAsync();
        service.Logs.UnexpectedErrors().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_good_token_says_who_calls()
    {
        await authority.StartAsync();
        var organisation = Guid.NewGuid();
        (await service.AskAsync(authority.Token())).ShouldBe("u-1|officer|340603|");
        (await service.AskAsync(authority.Token(t => t.Claims["roles"] = "officer"))).ShouldBe("u-1|officer|340603|");
        (await service.AskAsync(authority.Token(t => t.Claims["roles"] = new[] { "officer", "auditor" })))
            .ShouldBe("u-1|officer,auditor|340603|");
        (await service.AskAsync(authority.Token(t => t.Claims["territory"] = "*"))).ShouldBe("u-1|officer|*|");
        (await service.AskAsync(authority.Token(t => t.Claims["organisation"] = organisation.ToString())))
            .ShouldBe($"u-1|officer|340603|{organisation}");
        (await service.AskAsync(authority.Token(t => t.SigningCredentials = new SigningCredentials(authority.Key, "PS256"))))
            .ShouldStartWith("u-1");
    }

    [Fact]
    public async Task A_token_that_is_not_good_is_refused_for_what_is_wrong()
    {
        await authority.StartAsync();
        await RefusedForAsync("issuer", authority.Token(t => t.Issuer = "http://elsewhere.example"));
        await RefusedForAsync("issuer", authority.Token(t => t.Issuer = IdentityOptions.LocalIssuer));
        await RefusedForAsync("audience", authority.Token(t => t.Audience = "another.system"));
        await RefusedForAsync("signature", authority.Token(t => t.SigningCredentials = null));
        await RefusedForAsync("signature", authority.SignedWithPublicKey());
        var unknown = new SigningCredentials(Authority.NewKey(), "RS256");
        await RefusedForAsync("signature", authority.Token(t => t.SigningCredentials = unknown));
        var impostor = Authority.NewKey();
        impostor.KeyId = authority.Key.KeyId;
        await RefusedForAsync("signature", authority.Token(t => t.SigningCredentials = new SigningCredentials(impostor, "RS256")));
        await RefusedForAsync("not valid yet", authority.Token(t => t.NotBefore = DateTime.UtcNow.AddMinutes(10)));
        await RefusedForAsync("signature", TestTokens.Make("officer", "3406"));
        await RefusedForAsync("malformed", "a.b.c");
        await Refused.AsAsync("TOKEN_EXPIRED", () => service.AskAsync(authority.Token(t => t.Expires = DateTime.UtcNow.AddMinutes(-1))));
    }

    [Fact]
    public async Task A_claim_that_cannot_be_read_is_refused()
    {
        await authority.StartAsync();
        await RefusedForClaimAsync("no subject", "sub", "");
        await RefusedForClaimAsync("no subject", "sub", null);
        await RefusedForClaimAsync("no roles", "roles", null);
        await RefusedForClaimAsync("no roles", "roles", Array.Empty<string>());
        await RefusedForClaimAsync("no territory", "territory", null);
        await RefusedForClaimAsync("no territory", "territory", "city");
        await RefusedForClaimAsync("no territory", "territory", true);
        await RefusedForClaimAsync("no territory", "territory", new[] { "3406", "3401" });
        await RefusedForClaimAsync("organisation is not a UUID", "organisation", "the department");
        await RefusedForClaimAsync("organisation is not a UUID", "organisation", 7);
    }

    [Fact]
    public async Task A_new_key_of_the_authority_is_fetched_once_and_no_call_fails()
    {
        await authority.StartAsync();
        var old = authority.Token();
        await service.AskAsync(old);
        authority.Fetches.ShouldBe(1);

        authority.Rotate();
        clock.Advance(AuthorityKeys.RefreshPause);
        var tokens = Enumerable.Range(0, 16).Select(n => authority.Token(t => t.Claims["sub"] = $"u-{n}"));
        await Task.WhenAll(tokens.Select(service.AskAsync));
        authority.Fetches.ShouldBe(2);

        // Its key is no longer published, though the token was found good before.
        await RefusedForAsync("signature", old);
    }

    [Fact]
    public async Task Keys_that_nobody_published_cause_one_fetch_in_a_while()
    {
        await authority.StartAsync();
        await service.AskAsync(authority.Token());
        var made = Authority.NewKey();
        for (var round = 1; round <= 3; round++)
        {
            for (var n = 0; n < 5; n++)
            {
                made.KeyId = $"{round}-{n}";
                await RefusedForAsync("signature", authority.Token(t => t.SigningCredentials = new SigningCredentials(made, "RS256")));
            }
            authority.Fetches.ShouldBe(round);
            clock.Advance(AuthorityKeys.RefreshPause);
        }
    }

    [Fact]
    public async Task A_token_of_a_withdrawn_key_is_refused_after_the_next_renewal()
    {
        await authority.StartAsync();
        var token = authority.Token();
        await service.AskAsync(token);
        authority.Rotate();
        (await service.AskAsync(token)).ShouldStartWith("u-1");
        clock.Advance(AuthorityKeys.RenewAfter + TimeSpan.FromSeconds(1));
        await Eventually.BecomesAsync(() => AnswerAsync(token), code => code is StatusCode.Unauthenticated);
        authority.Fetches.ShouldBe(2);
    }

    [Fact]
    public async Task A_watch_ends_after_the_next_renewal_once_the_key_of_its_token_is_withdrawn()
    {
        await authority.StartAsync();
        using var watch = service.Watch(authority.Token());
        (await watch.ResponseStream.MoveNext(CancellationToken.None)).ShouldBeTrue();
        authority.Rotate();
        clock.Advance(TimeSpan.FromMinutes(1));
        (await watch.ResponseStream.MoveNext(CancellationToken.None)).ShouldBeTrue();
        clock.Advance(AuthorityKeys.RenewAfter);
        var ended = await Refused.AsAsync("TOKEN_INVALID", async () =>
        {
            while (await watch.ResponseStream.MoveNext(CancellationToken.None))
            {
            }
        });
        ended.Metadata["problem"].ShouldBe("signature");
        authority.Fetches.ShouldBe(2);
    }

    [Fact]
    public async Task While_the_authority_is_away_a_call_is_told_to_try_again()
    {
        (await service.AliveAsync()).ShouldBe(System.Net.HttpStatusCode.OK);
        var token = authority.Token();
        var refused = await Should.ThrowAsync<RpcException>(() => service.AskAsync(token));
        Refused.Of(refused).Reason.ShouldBe("UNAVAILABLE");
        var status = Google.Rpc.Status.Parser.ParseFrom(refused.Trailers.GetValueBytes(ErrorAnswers.DetailsTrailer));
        status.Details.ShouldContain(d => d.Is(RetryInfo.Descriptor));
        service.Logs.Lines.ShouldContain(line => line.StartsWith("Warning") && line.Contains(authority.Address));
        // A token that is none at all needs no authority.
        await Refused.AsAsync("TOKEN_INVALID", () => service.AskAsync("").WaitAsync(TimeSpan.FromSeconds(5)));

        await authority.StartAsync();
        await Eventually.BecomesAsync(() => AnswerAsync(token), code => code is StatusCode.OK);

        // Gone again: what is known goes on, what nobody here can judge is told to try again.
        await authority.StopAsync();
        clock.Advance(AuthorityKeys.RenewAfter + TimeSpan.FromSeconds(1));
        (await AnswerAsync(token)).ShouldBe(StatusCode.OK);
        (await AnswerAsync(authority.Token(t => t.Claims["sub"] = "u-2"))).ShouldBe(StatusCode.OK);
        authority.Rotate();
        (await AnswerAsync(authority.Token())).ShouldBe(StatusCode.Unavailable);

        await authority.StartAsync();
        clock.Advance(AuthorityKeys.FailurePause);
        (await AnswerAsync(authority.Token())).ShouldBe(StatusCode.OK);
    }

    [Fact]
    public async Task An_authority_that_calls_itself_otherwise_is_not_believed()
    {
        authority.Issuer = "https://another.example";
        await authority.StartAsync();
        (await AnswerAsync(authority.Token())).ShouldBe(StatusCode.Unavailable);
        service.Logs.Lines.ShouldContain(line => line.Contains("it calls itself https://another.example"));
    }

    [Fact]
    public async Task The_token_for_other_services_is_read_anew_each_time()
    {
        var file = Path.GetTempFileName();
        var settings = new IdentityOptions { Authority = authority.Address, ServiceTokenFile = file };
        var reader = ActivatorUtilities.CreateInstance<TokenReader>(service.Services, Options.Create(settings));
        await File.WriteAllTextAsync(file, "first\n");
        reader.ServiceToken("grids").ShouldBe("first");
        await File.WriteAllTextAsync(file, "second\n");
        reader.ServiceToken("grids").ShouldBe("second");
        File.Delete(file);
    }

    private Task RefusedForClaimAsync(string problem, string claim, object? value) => RefusedForAsync(problem, authority.Token(t =>
    {
        if (value is null)
            t.Claims.Remove(claim);
        else
            t.Claims[claim] = value;
    }));

    private async Task RefusedForAsync(string problem, string token)
    {
        var refused = await Refused.AsAsync("TOKEN_INVALID", () => service.AskAsync(token));
        refused.Code.ShouldBe(StatusCode.Unauthenticated);
        refused.Metadata["problem"].ShouldBe(problem);
    }

    private async Task<StatusCode> AnswerAsync(string token)
    {
        try
        {
            await service.AskAsync(token);
            return StatusCode.OK;
        }
        catch (RpcException exception)
        {
            return exception.StatusCode;
        }
    }
}
