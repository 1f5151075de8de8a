using PSSecureChat.Faults.Fuzz;

namespace PSSecureChat.Engine.Tests.Faults;

public class FuzzTests
{
    public static TheoryData<string> Parsers => [.. FuzzRun.Targets.Keys];

    [Theory]
    [MemberData(nameof(Parsers))]
    public void A_parser_answers_any_bytes_with_a_value_or_the_protocols_own_error(string parser)
    {
        // A handshake costs a millisecond.
        int inputs = parser.StartsWith("handshake", StringComparison.Ordinal) || parser == "invited" ? 1_000 : 5_000;
        int seed = Random.Shared.Next();
        (long fed, IReadOnlyList<string> findings) = FuzzRun.Feed(parser, inputs, seed, TimeSpan.FromSeconds(30));
        Assert.True(findings.Count == 0 && fed > 0, $"seed {seed}: {string.Join('\n', findings.Take(3))}");
    }
}
