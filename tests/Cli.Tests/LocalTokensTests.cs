using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Governance.Cli.Client;
using Shouldly;
using Xunit;

namespace Governance.Cli.Tests;

public sealed class LocalTokensTests
{
    [Fact]
    public void Token_says_who_where_and_for_how_long()
    {
        var tokens = LocalTokens.FromText(Run.Key, "The key", new StoppedClock(Run.Now));

        var claims = Claims(tokens.Sign(
            new Caller("resident-demo", ["resident", "volunteer"], "340603001001", "0197f3c2-7c1e-7a55-9d0f-0d4b7f6a2c11"),
            TimeSpan.FromHours(2)));

        var now = Run.Now.ToUnixTimeSeconds();
        claims.ToJsonString().ShouldBe(new JsonObject
        {
            ["sub"] = "resident-demo",
            ["roles"] = new JsonArray("resident", "volunteer"),
            ["iss"] = "governance.local",
            ["aud"] = "governance.micro",
            ["iat"] = now,
            ["nbf"] = now,
            ["exp"] = now + 7200,
            ["territory"] = "340603001001",
            ["organisation"] = "0197f3c2-7c1e-7a55-9d0f-0d4b7f6a2c11",
        }.ToJsonString());
    }

    [Fact]
    public void Token_is_signed_with_the_decoded_key()
    {
        var token = LocalTokens.FromText(Run.Key, "The key", new StoppedClock(Run.Now))
            .Sign(new Caller("x", ["officer"], "3406"), TimeSpan.FromHours(1));

        var signed = token[..token.LastIndexOf('.')];
        var expected = HMACSHA256.HashData(Convert.FromBase64String(Run.Key), Encoding.ASCII.GetBytes(signed));
        token[(signed.Length + 1)..].ShouldBe(Base64Url.EncodeToString(expected));
        Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token.Split('.')[0])).ShouldBe("""{"alg":"HS256","typ":"JWT"}""");
    }

    [Theory]
    [InlineData("c2hvcnQ=", "holds 5 bytes")]
    [InlineData("not base64!", "is not in base64")]
    public void Unfit_key_is_refused(string key, string problem) =>
        Should.Throw<UsageException>(() => LocalTokens.FromText(key, "The key", TimeProvider.System)).Message.ShouldContain(problem);

    [Fact]
    public async Task Token_command_prints_one_token_and_nothing_else()
    {
        var run = await Run.GovAsync("token", "--role", "officer", "--territory", "340603");

        run.ExitCode.ShouldBe(ExitCodes.Done);
        run.Out.Trim().Split('.').Length.ShouldBe(3);
        Claims(run.Out.Trim())["territory"]!.GetValue<string>().ShouldBe("340603");
        run.Error.ShouldBeEmpty();
    }

    [Fact]
    public async Task Token_command_without_role_says_what_to_write()
    {
        var run = await Run.GovAsync("token");

        run.ExitCode.ShouldBe(ExitCodes.Usage);
        run.Error.ShouldContain("gov token --role officer");
    }

    [Theory]
    [InlineData("/governance.grids.v1.Cases/AssessCase", "officer")]
    [InlineData("/governance.grids.v1.Boundaries/ImportGrids", "operator")]
    [InlineData("/governance.common.v1.Operations/ReplayDeadLetter", "operator")]
    [InlineData("/governance.common.v1.Indicators/GetIndicators", "officer")]
    [InlineData("/governance.organisations.v1.Whistles/ReportIn", "operator")]
    public void Each_call_gets_the_least_role_that_its_proto_allows(string method, string role) => LeastRole.For(method).ShouldBe(role);

    private static JsonObject Claims(string token) =>
        JsonNode.Parse(Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token.Split('.')[1])))!.AsObject();
}
