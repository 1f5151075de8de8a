using System.Globalization;

namespace Benchmarks;

/// <summary>What the command line asks for.</summary>
internal sealed record Options
{
    public const string Usage = """
        dotnet run -c Release --project tests/Benchmarks -- [options]
          --rounds <n>     rounds of each row, after one that is not counted (7)
          --rows <a,b>     only these rows: rate, ack, pipeline, handshake, idle, stored, allocation, file, growth, soak (all but the last two)
          --messages <n>   messages of one round of "rate" (100000)
          --megabytes <n>  size of the file of "file" (512)
          --stored <n>     messages stored for "stored" (1000000)
          --minutes <n>    how long "soak" takes (30)
          --picture <path> where "growth" draws its curves, as SVG
          --only <name>    only contestants whose name begins so, to look at one with a profiler
          --folder <path>  where the stores stand while it runs (the temporary folder)
        """;

    public int Rounds { get; init; } = 7;

    public IReadOnlyList<string> Rows { get; init; } = ["rate", "ack", "pipeline", "handshake", "idle", "stored", "allocation", "file"];

    public int Messages { get; init; } = 100_000;

    public int Megabytes { get; init; } = 512;

    public int Stored { get; init; } = 1_000_000;

    public int Minutes { get; init; } = 30;

    public string Picture { get; init; } = "";

    public string Only { get; init; } = "";

    public string Folder { get; init; } = Path.GetTempPath();

    public static Options? Parse(string[] arguments)
    {
        Options options = new();
        for (int i = 0; i < arguments.Length; i += 2)
        {
            if (i + 1 == arguments.Length)
            {
                return null;
            }

            string value = arguments[i + 1];
            Options? next = (arguments[i], int.TryParse(value, CultureInfo.InvariantCulture, out int number) && number > 0) switch
            {
                ("--rounds", true) => options with { Rounds = number },
                ("--rows", _) => options with { Rows = value.Split(',') },
                ("--messages", true) => options with { Messages = number },
                ("--megabytes", true) => options with { Megabytes = number },
                ("--stored", true) => options with { Stored = number },
                ("--minutes", true) => options with { Minutes = number },
                ("--picture", _) => options with { Picture = value },
                ("--only", _) => options with { Only = value },
                ("--folder", _) => options with { Folder = value },
                _ => null,
            };
            if (next is null)
            {
                return null;
            }

            options = next;
        }

        return options;
    }
}
