namespace Benchmarks.Rows;

/// <summary>The rows by their names.</summary>
internal static class AllRows
{
    public static IReadOnlyDictionary<string, Func<Options, ScratchFolder, Table, Task>> ByName { get; } = new Dictionary<string, Func<Options, ScratchFolder, Table, Task>>
    {
        ["rate"] = ConversationRows.RateAsync,
        ["ack"] = ConversationRows.AckAsync,
        ["pipeline"] = PipelineRow.RunAsync,
        ["handshake"] = static (options, _, table) => HandshakeRow.RunAsync(options, table),
        ["idle"] = static (_, scratch, table) => IdleRow.RunAsync(scratch, table),
        ["stored"] = StoredRows.RunAsync,
        ["allocation"] = AllocationRow.RunAsync,
        ["file"] = FileRow.RunAsync,
        ["growth"] = GrowthRows.RunAsync,
        ["soak"] = SoakRow.RunAsync,
    };

    /// <summary>The contestants of the rows that can do with some of them.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Contestants { get; } = new Dictionary<string, IReadOnlyList<string>>
    {
        ["rate"] = ConversationRows.Names,
        ["ack"] = ConversationRows.Names,
        ["file"] = FileRow.Names,
    };
}
