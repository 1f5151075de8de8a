namespace Benchmarks;

/// <summary>The figures of one contestant, one a round, in the order of the rounds.</summary>
internal sealed class Figures(string name)
{
    private readonly List<double> _rounds = [];

    public string Name => name;

    public IReadOnlyList<double> Rounds => _rounds;

    public void Add(double figure) => _rounds.Add(figure);

    public double Median => Quantile(_rounds, 0.5);

    public double Least => _rounds.Min();

    public double Most => _rounds.Max();

    /// <summary>The ratios within each round: what disturbs a whole round disturbs both sides of it.</summary>
    public IReadOnlyList<double> RatiosTo(Figures other) => [.. _rounds.Zip(other._rounds, (mine, theirs) => mine / theirs)];

    public static double Quantile(IEnumerable<double> values, double quantile)
    {
        double[] sorted = [.. values.Order()];
        double place = quantile * (sorted.Length - 1);
        int below = (int)place;
        return below + 1 == sorted.Length ? sorted[below] : sorted[below] + ((place - below) * (sorted[below + 1] - sorted[below]));
    }
}
