using System.Globalization;

namespace PSSecureChat.Faults;

/// <summary>What the command line asks for.</summary>
internal sealed record Options
{
    public const string Usage = """
        dotnet run -c Release --project tests/Faults -- <what> [options]
          kill      kills one of two processes under load, or both, at random instants
            --rounds <n>   (200)
          files     kills either of two processes while files go from one to the other
            --rounds <n>   files (200)
            --bytes <n>    the length of each, in MiB; random without it
            --kills <n>    kills of each, by turns of either side; random without it
          proxy     puts a proxy between two peers that cuts, delays, stalls and changes bytes
            --rounds <n>   (200)
          simulate  runs generated faults of network, disk, clock and process against conversation and store
            --rounds <n>   (200)
          fuzz      feeds every parser with changed and random bytes
            --inputs <n>   inputs of each parser (1000000)
            --seconds <n>  the most time for each parser (600)
            --only <name>  only parsers whose name begins so
        --stalls <n>  holds up threads of the engine: of thousands of places one in n is hot at a time (100, say)
        --seed <n>    repeats a plan; without it one is drawn and printed
        """;

    public required string Command { get; init; }

    public int Rounds { get; init; } = 200;

    /// <summary>In MiB.</summary>
    public int Bytes { get; init; }

    public int Kills { get; init; }

    public int Inputs { get; init; } = 1_000_000;

    public int Seconds { get; init; } = 600;

    public string Only { get; init; } = "";

    /// <summary>Of the places where threads may be held up one in so many is hot at a time; 0 for none.</summary>
    public int Stalls { get; init; }

    public int Seed { get; init; } = Random.Shared.Next();

    public static Options? Parse(string[] arguments)
    {
        if (arguments.Length % 2 == 0)
        {
            return null;
        }

        Options? options = new() { Command = arguments[0] };
        for (int i = 1; i < arguments.Length && options is not null; i += 2)
        {
            string value = arguments[i + 1];
            options = (arguments[i], int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number)) switch
            {
                ("--rounds", true) => options with { Rounds = number },
                ("--bytes", true) => options with { Bytes = number },
                ("--kills", true) => options with { Kills = number },
                ("--inputs", true) => options with { Inputs = number },
                ("--seconds", true) => options with { Seconds = number },
                ("--stalls", true) => options with { Stalls = number },
                ("--seed", true) => options with { Seed = number },
                ("--only", _) => options with { Only = value },
                _ => null,
            };
        }

        return options;
    }
}
