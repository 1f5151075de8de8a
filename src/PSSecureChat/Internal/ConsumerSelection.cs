using System.Management.Automation;

namespace PSSecureChat.Internal;

/// <summary>Which consumers the names a user typed mean.</summary>
internal static class ConsumerSelection
{
    /// <summary>The consumers that names and wildcards mean, each once, in the order of the names.</summary>
    /// <param name="consumers">Those there are.</param>
    /// <param name="names">Names and wildcards.</param>
    /// <param name="unknown">The plain names that no consumer has.</param>
    public static List<ChatConsumer> Select(IReadOnlyList<ChatConsumer> consumers, IEnumerable<string> names, out List<string> unknown)
    {
        List<ChatConsumer> selected = [];
        unknown = [];
        foreach (string name in names)
        {
            NamePattern pattern = new(name);
            List<ChatConsumer> meant = [.. consumers.Where(consumer => pattern.IsMatch(consumer.Name))];
            if (meant.Count == 0 && !pattern.IsWildcard)
            {
                unknown.Add(name);
            }

            selected.AddRange(meant.Except(selected));
        }

        return selected;
    }
}
