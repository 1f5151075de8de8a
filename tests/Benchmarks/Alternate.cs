namespace Benchmarks;

/// <summary>
/// Runs contestants by turns, so that what disturbs the machine disturbs them alike. The first round warms up and
/// does not count; every other round goes backwards, so that nobody always follows the same neighbour.
/// </summary>
internal static class Alternate
{
    public static async Task RoundsAsync<T>(int rounds, IReadOnlyList<T> contestants, Func<int, bool, Task> measure)
    {
        for (int round = 0; round <= rounds; round++)
        {
            for (int i = 0; i < contestants.Count; i++)
            {
                GC.Collect();
                await measure(round % 2 == 0 ? i : contestants.Count - 1 - i, round > 0);
            }
        }
    }
}
