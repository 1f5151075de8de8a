using Benchmarks;
using Benchmarks.Rows;

if (args is ["answer", string kind, string folder])
{
    await OtherProcess.AnswerAsync(kind, folder);
    return 0;
}

if (Options.Parse(args) is not Options options)
{
    Console.Error.WriteLine(Options.Usage);
    return 2;
}

#if DEBUG
Console.Error.WriteLine("This is a debug build: its figures mean nothing.");
#endif

Table table = new(Console.Out, options);
foreach (string row in options.Rows)
{
    using ScratchFolder scratch = new(options.Folder);
    switch (row)
    {
        case "rate":
            await ConversationRows.RateAsync(options, scratch, table);
            break;
        case "ack":
            await ConversationRows.AckAsync(options, scratch, table);
            break;
        case "pipeline":
            await PipelineRow.RunAsync(options, scratch, table);
            break;
        case "idle":
            await IdleRow.RunAsync(scratch, table);
            break;
        case "stored":
            await StoredRows.RunAsync(options, scratch, table);
            break;
        case "growth":
            await GrowthRows.RunAsync(options, scratch, table);
            break;
        case "handshake":
            await HandshakeRow.RunAsync(options, table);
            break;
        case "file":
            await FileRow.RunAsync(options, scratch, table);
            break;
        case "soak":
            await SoakRow.RunAsync(options, scratch, table);
            break;
        case "allocation":
            await AllocationRow.RunAsync(options, scratch, table);
            break;
        default:
            Console.Error.WriteLine(Options.Usage);
            return 2;
    }
}

return 0;
