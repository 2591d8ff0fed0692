using System.Security.Cryptography;
using Governance.Common.V1;
using Governance.ServiceDefaults.Privacy;
using Shouldly;
using Xunit;

namespace Governance.ServiceDefaults.Tests;

public sealed class PrivacyKeysTests
{
    private static readonly string Index = $"index {Key(1)}";

    [Fact]
    public void What_was_encrypted_is_read_again_in_its_place_only()
    {
        var keys = PrivacyKeys.Parse([Index, $"1 {Key(2)}"]);
        var whole = keys.Encrypt("persons.name:a", "王小明");
        keys.Decrypt("persons.name:a", whole).ShouldBe("王小明");
        Should.Throw<CryptographicException>(() => keys.Decrypt("persons.name:b", whole));
        for (var i = 0; i < whole.Length; i++)
        {
            var changed = (byte[])whole.Clone();
            changed[i] ^= 1;
            Should.Throw<CryptographicException>(() => keys.Decrypt("persons.name:a", changed));
        }
        keys.Encrypt("persons.name:a", "王小明").ShouldNotBe(whole);
    }

    [Fact]
    public void A_new_key_encrypts_and_the_old_one_still_reads()
    {
        var old = PrivacyKeys.Parse([Index, $"1 {Key(2)}"]);
        var rotated = PrivacyKeys.Parse(["# keys of a city", Index, $"1 {Key(2)}", "", $"2 {Key(3)}"]);
        rotated.Decrypt("p", old.Encrypt("p", "text")).ShouldBe("text");
        rotated.Index("phone", "138").ShouldBe(old.Index("phone", "138"));
        Should.Throw<CryptographicException>(() => old.Decrypt("p", rotated.Encrypt("p", "text"))).Message.ShouldContain("key 2");
    }

    [Fact]
    public void An_index_tells_values_and_kinds_apart()
    {
        var keys = PrivacyKeys.Parse([Index, $"1 {Key(2)}"]);
        keys.Index("phone", "13855551234").ShouldBe(keys.Index("phone", "13855551234"));
        keys.Index("phone", "13855551234").ShouldNotBe(keys.Index("phone", "13855551235"));
        keys.Index("phone", "13855551234").ShouldNotBe(keys.Index("citizen_id", "13855551234"));
    }

    [Theory]
    [InlineData("1 {2}")]
    [InlineData("index {1}")]
    [InlineData("index {1}|1 c2hvcnQ=")]
    [InlineData("index {1}|index {2}|1 {2}")]
    [InlineData("index {1}|1 {2}|1 {3}")]
    [InlineData("index {1}|0 {2}")]
    [InlineData("index {1}|256 {2}")]
    [InlineData("index {1}|1")]
    public void A_file_that_lacks_a_key_is_refused_without_telling_it(string lines)
    {
        var text = lines.Replace("{1}", Key(1)).Replace("{2}", Key(2)).Replace("{3}", Key(3));
        var problem = Should.Throw<FormatException>(() => PrivacyKeys.Parse(text.Split('|'))).Message;
        foreach (byte filler in (byte[])[1, 2, 3])
            problem.ShouldNotContain(Key(filler));
    }

    [Theory]
    [InlineData("138 5555-1234", "13855551234")]
    [InlineData("+86 138 5555 1234", "13855551234")]
    [InlineData("+852 2345 6789", "+85223456789")]
    [InlineData("(0561) 3022222", "05613022222")]
    public void A_number_has_one_form_however_it_was_written(string written, string normal)
    {
        PersonRules.IsPhone(written).ShouldBeTrue();
        PersonRules.NormalPhone(written).ShouldBe(normal);
    }

    [Theory]
    [InlineData("1234")]
    [InlineData("1385555123456789")]
    [InlineData("138x5551234")]
    [InlineData("138+55551234")]
    public void What_is_no_number_is_refused(string written) => PersonRules.IsPhone(written).ShouldBeFalse();

    [Theory]
    [InlineData("wang@example.org", true)]
    [InlineData("wang.xm+grid@mail.example.org", true)]
    [InlineData("wang", false)]
    [InlineData("wang@", false)]
    [InlineData("@example.org", false)]
    [InlineData("王 <wang@example.org>", false)]
    [InlineData("wang@example.org, zhao@example.org", false)]
    public void An_email_address_is_one_alone(string written, bool valid) => PersonRules.IsEmail(written).ShouldBe(valid);

    [Fact]
    public void A_mask_leaves_too_little_to_find_anybody()
    {
        var masked = PersonRules.Masked(new Person
        {
            Name = "王小明", Phone = "13855551234", CitizenId = "34060319900101123X", Home = "相山区某小区3栋", Email = "wang@example.org",
        });
        masked.ShouldBe(new Person
        {
            Name = "王*", Phone = "138****1234", CitizenId = "3406************3X", Home = "****", Email = "w***@example.org",
        });
        PersonRules.Masked(new Person()).ShouldBe(new Person());
        PersonRules.Masked(new Person { Name = "𠮷田", Phone = "110110" }).ShouldBe(new Person { Name = "𠮷*", Phone = "****10" });
    }

    private static string Key(byte filler) => Convert.ToBase64String([.. Enumerable.Repeat(filler, 32)]);
}
