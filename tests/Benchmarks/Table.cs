using System.Globalization;

namespace Benchmarks;

/// <summary>What a row should come to, as a ratio of the first contestant to another.</summary>
/// <param name="To">The contestant compared with.</param>
/// <param name="Ratio">The bound.</param>
/// <param name="AtLeast">Whether more is better.</param>
internal sealed record Goal(string To, double Ratio, bool AtLeast);

/// <summary>Prints the rows as they are done, in Markdown.</summary>
internal sealed class Table
{
    private readonly TextWriter _out;

    public Table(TextWriter output, Options options)
    {
        _out = output;
        string runtime = $".NET {Environment.Version}, {System.Runtime.InteropServices.RuntimeInformation.OSArchitecture}, {Environment.ProcessorCount} cores";
        Line($"{runtime}; {options.Rounds} rounds, each contestant once a round, after one round that is not counted");
        Line("");
        Line("| what | median | least … most | the first to this one |");
        Line("|---|---:|---:|---:|");
    }

    /// <summary>One line a contestant; ratios are the first one's to each of the others.</summary>
    public void Add(string what, string unit, IReadOnlyList<Figures> contestants, params ReadOnlySpan<Goal> goals)
    {
        Line($"| **{what}** ({unit}) | | | |");
        Figures first = contestants[0];
        foreach (Figures one in contestants)
        {
            IReadOnlyList<double> ratios = first.RatiosTo(one);
            double middle = Figures.Quantile(ratios, 0.5);
            string ratio = one == first ? "" : Text($"{middle:0.00} ({ratios.Min():0.00} … {ratios.Max():0.00})");
            foreach (Goal goal in goals)
            {
                if (goal.To == one.Name && one != first)
                {
                    ratio += ", " + Verdict(middle, goal.Ratio, goal.AtLeast);
                }
            }

            Line($"| {one.Name} | {Number(one.Median)} | {Number(one.Least)} … {Number(one.Most)} | {ratio} |");
        }
    }

    /// <summary>A contestant that is not compared.</summary>
    public void Add(string what, string unit, Figures figures, string remark = "") =>
        Line($"| **{what}** ({unit}) | {Number(figures.Median)} | {Number(figures.Least)} … {Number(figures.Most)} | {remark} |");

    /// <summary>The slowest of contestants to the fastest, of figures of which more is better: the ratio within each round here as well.</summary>
    public void AddFlatness(IReadOnlyList<Figures> contestants)
    {
        Figures fastest = contestants.MaxBy(static one => one.Median)!;
        double least = contestants.Min(one => Figures.Quantile(one.RatiosTo(fastest), 0.5));
        Add("the slowest of these to the fastest, flat within 25 %", "ratio", least, Verdict(least, 0.75, atLeast: true));
    }

    /// <summary>A figure that is not compared.</summary>
    public void Add(string what, string unit, double figure, string remark) => Line($"| **{what}** ({unit}) | {Number(figure)} | | {remark} |");

    /// <summary>Whether a figure is within its bound.</summary>
    public static string Verdict(double value, double bound, bool atLeast) =>
        Text($"goal {(atLeast ? "≥" : "≤")} {bound:0.##}: {((atLeast ? value >= bound : value <= bound) ? "met" : "missed")}");

    private static string Number(double value) => value switch
    {
        >= 1000 => Text($"{value:N0}"),
        >= 100 => Text($"{value:0}"),
        >= 10 => Text($"{value:0.0}"),
        >= 1 => Text($"{value:0.00}"),
        _ => Text($"{value:0.000}"),
    };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private void Line(string line)
    {
        _out.WriteLine(line);
        _out.Flush();
    }
}
