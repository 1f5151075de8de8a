using Benchmarks;
using Benchmarks.Rows;

if (args is ["answer", string kind, string folder])
{
    await OtherProcess.AnswerAsync(kind, folder);
    return 0;
}

if (args.Contains("--help"))
{
    Console.WriteLine(Options.Usage);
    return 0;
}

Options options;
try
{
    options = Options.Parse(args);
}
catch (FormatException e)
{
    Console.Error.WriteLine(e.Message);
    Console.Error.WriteLine(Options.Usage);
    return 2;
}

#if DEBUG
Console.Error.WriteLine("This is a debug build: its figures mean nothing.");
#endif
if (OperatingSystem.IsLinux() && new DriveInfo(options.Folder).DriveFormat == "tmpfs")
{
    Console.Error.WriteLine($"{options.Folder} is in memory: nothing is brought to a disk there, and figures of what is stored mean nothing. --folder names another.");
}

Table table = new(Console.Out, options);
foreach (string row in options.Rows)
{
    using ScratchFolder scratch = new(options.Folder);
    await AllRows.ByName[row](options, scratch, table);
}

return 0;
