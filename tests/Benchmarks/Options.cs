using System.Globalization;
using Benchmarks.Rows;

namespace Benchmarks;

/// <summary>What the command line asks for.</summary>
internal sealed record Options
{
    public const string Usage = """
        dotnet run -c Release --project tests/Benchmarks -- [options]
          --rounds <n>     rounds of each row, after one that is not counted (7)
          --rows <a,b>     only these rows: rate, ack, pipeline, handshake, idle, stored, allocation, file, growth, soak (all but the last two)
          --messages <n>   messages of one round of "rate", "pipeline", "allocation" and "growth" (100000)
          --megabytes <n>  size of the file of "file" (1024)
          --stored <n>     messages stored for "stored" (1000000)
          --minutes <n>    how long "soak" takes (30)
          --picture <path> where "growth" draws its curves, as SVG
          --only <name>    only contestants of "rate", "ack" and "file" whose name begins so, to look at one with a profiler
          --folder <path>  where the stores stand while it runs (the temporary folder)
        """;

    // Ten peers whose messages lie in runs, and stores of a tenth to a thousandth of it, half of them sent.
    private const int StoredUnit = 20_000;

    // A thousand conversations share them, and three tenths of them go to ten.
    private const int GrowthUnit = 1_000;

    public int Rounds { get; init; } = 7;

    public IReadOnlyList<string> Rows { get; init; } = ["rate", "ack", "pipeline", "handshake", "idle", "stored", "allocation", "file"];

    public int Messages { get; init; } = 100_000;

    public int Megabytes { get; init; } = 1024;

    public int Stored { get; init; } = 1_000_000;

    public int Minutes { get; init; } = 30;

    public string Picture { get; init; } = "";

    public string Only { get; init; } = "";

    public string Folder { get; init; } = Path.GetTempPath();

    /// <exception cref="FormatException">It cannot be done, and why.</exception>
    public static Options Parse(string[] arguments)
    {
        Options options = new();
        for (int i = 0; i < arguments.Length; i += 2)
        {
            string name = arguments[i];
            string value = i + 1 < arguments.Length ? arguments[i + 1] : throw new FormatException($"{name} needs a value.");
            options = name switch
            {
                "--rounds" => options with { Rounds = Number(name, value) },
                "--rows" => options with { Rows = value.Split(',') },
                "--messages" => options with { Messages = Number(name, value) },
                "--megabytes" => options with { Megabytes = Number(name, value) },
                "--stored" => options with { Stored = Number(name, value) },
                "--minutes" => options with { Minutes = Number(name, value) },
                "--picture" => options with { Picture = value },
                "--only" => options with { Only = value },
                "--folder" => options with { Folder = value },
                _ => throw new FormatException($"{name} is no option."),
            };
        }

        return options.Problem() is string problem ? throw new FormatException(problem) : options;
    }

    /// <summary>Whether <c>--only</c> lets a contestant take part.</summary>
    public bool Takes(string contestant) => contestant.StartsWith(Only, StringComparison.Ordinal);

    private static int Number(string name, string value) =>
        int.TryParse(value, CultureInfo.InvariantCulture, out int number) && number > 0 ? number : throw new FormatException($"{name} needs a number above 0, not '{value}'.");

    // Everything that would come out in the middle of a run.
    private string? Problem()
    {
        if (Rows.FirstOrDefault(static row => !AllRows.ByName.ContainsKey(row)) is string unknown)
        {
            return $"There is no row '{unknown}'; there are {string.Join(", ", AllRows.ByName.Keys)}.";
        }

        foreach (string row in Rows)
        {
            if (AllRows.Contestants.TryGetValue(row, out IReadOnlyList<string>? contestants) && !contestants.Any(Takes))
            {
                return $"No contestant of '{row}' begins with '{Only}'; there are {string.Join("; ", contestants)}.";
            }
        }

        return Rows.Contains("stored") && Stored % StoredUnit != 0 ? $"--stored must be a multiple of {StoredUnit}: it is divided among peers, runs of messages, and stores of other sizes."
            : Rows.Contains("growth") && Messages % GrowthUnit != 0 ? $"--messages must be a multiple of {GrowthUnit} for 'growth': as many conversations share them."
            : Picture.Length > 0 && !Rows.Contains("growth") ? "--picture is drawn by the row 'growth', which is not asked for."
            : Picture.Length > 0 && !Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(Picture))) ? $"--picture: the folder of '{Picture}' does not exist."
            : !Directory.Exists(Folder) ? $"--folder: '{Folder}' does not exist."
            : null;
    }
}
