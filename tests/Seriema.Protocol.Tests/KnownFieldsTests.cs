using System.Text;
using System.Text.RegularExpressions;

namespace Seriema.Protocol.Tests;

public sealed partial class KnownFieldsTests
{
    public static TheoryData<string> Names =>
        [.. Enum.GetValues<KnownField>().Where(known => known != KnownField.Other).Select(known => NameOf(known))];

    [Theory, MemberData(nameof(Names))]
    public void Every_member_is_recognised_by_its_name_in_any_case(string name)
    {
        KnownField expected = Enum.GetValues<KnownField>().Single(known => NameOf(known) == name);
        foreach (string spelling in (string[])[name, name.ToLowerInvariant(), name.ToUpperInvariant()])
        {
            Assert.True(expected == Of(spelling), spelling);
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void One_other_character_is_another_field(string name)
    {
        for (int i = 0; i < name.Length; i++)
        {
            foreach (char other in "!~0")
            {
                string changed = string.Concat(name.AsSpan(0, i), other.ToString(), name.AsSpan(i + 1));
                Assert.True(Of(changed) == KnownField.Other, changed);
            }
        }
        Assert.Equal(KnownField.Other, Of(name + "x"));
    }

    [Fact]
    public void Names_of_every_length_are_handled()
    {
        for (int length = 0; length < 40; length++) Assert.Equal(KnownField.Other, Of(new string('q', length)));
    }

    [Fact]
    public void Count_is_the_size_of_an_array_indexed_by_the_enum() =>
        Assert.Equal(KnownFields.Count, Enum.GetValues<KnownField>().Length);

    private static KnownField Of(string name) => KnownFields.Of(Encoding.ASCII.GetBytes(name));

    private static string NameOf(KnownField known) =>
        known == KnownField.Te ? "TE" : Words().Replace(known.ToString(), "-$1");

    [GeneratedRegex("(?<!^)([A-Z])")]
    private static partial Regex Words();
}
