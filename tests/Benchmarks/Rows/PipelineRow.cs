using System.Diagnostics;
using Benchmarks.Contestants;
using PSSecureChat;
using PSSecureChat.Engine;

namespace Benchmarks.Rows;

/// <summary>
/// <c>1..100000 | Send-ChatMessage</c> in a PowerShell session of its own until all is delivered, beside the same texts given to the engine
/// directly. Each sender has a receiver in another process.
/// </summary>
internal static class PipelineRow
{
    // The cmdlet's last message is waited for: messages of one stream are acknowledged in order. Not for long: the parent may be gone.
    private const string Script = """
        param($Module, $Folder, $Port)
        Import-Module $Module
        $null = Start-ChatServer -Address 127.0.0.1 -Port 0 -Name ana -Path $Folder -AcceptFrom Anyone
        $null = Connect-ChatPeer "127.0.0.1:$Port"
        [Console]::Out.WriteLine(0)
        while ($line = [Console]::In.ReadLine()) {
            1..[int]$line | Send-ChatMessage bob
            $null = Send-ChatMessage bob end -WaitFor Delivered -TimeoutSec 60
            [Console]::Out.WriteLine('done')
        }
        Stop-ChatServer
        """;

    public static async Task RunAsync(Options options, ScratchFolder scratch, Table table)
    {
        using OtherProcess receiver = OtherProcess.Start(EngineContestant.Kind, scratch.Make("pipeline-bob"));
        string script = Path.Combine(scratch.Path, "send.ps1");
        await File.WriteAllTextAsync(script, Script);
        string repository = Repository();
        string console = Path.Combine(repository, "src", "PSSecureChat.Console", "bin", "Release", "net10.0", "PSSecureChat.Console.dll");
        string command = $"& '{script}' '{Path.Combine(repository, "PSSecureChat.psd1")}' '{scratch.Make("pipeline-ana")}' {receiver.Port}";
        using OtherProcess pipeline = OtherProcess.Start("dotnet", [console, "-Command", command]);
        using OtherProcess other = OtherProcess.Start(EngineContestant.Kind, scratch.Make("direct-bob"));
        await using ChatEngine direct = await EngineContestant.StartAsync("ana", scratch.Make("direct-ana"));
        ChatPeer peer = await direct.ConnectAsync("127.0.0.1", other.Port, null, null, CancellationToken.None);

        (string Name, Func<Task> Send)[] contestants =
        [
            ("pipeline", () => pipeline.AskAsync(options.Messages.ToString(System.Globalization.CultureInfo.InvariantCulture))),
            ("engine", () => EngineContestant.SendAsync(direct, peer.Fingerprint, Enumerable.Range(1, options.Messages).Select(static n => n.ToString(System.Globalization.CultureInfo.InvariantCulture)))),
        ];
        List<Figures> figures = [.. contestants.Select(one => new Figures(one.Name))];
        await Alternate.RoundsAsync(options.Rounds, contestants, async (i, counts) =>
        {
            long start = Stopwatch.GetTimestamp();
            await contestants[i].Send();
            if (counts)
            {
                figures[i].Add(options.Messages / Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
        });
        table.Add($"1..{options.Messages} | Send-ChatMessage, until all are delivered", "messages/s", figures, new Goal("engine", 0.8, AtLeast: true));
    }

    /// <summary>The folder with the manifest: the module is used as it is built there.</summary>
    private static string Repository()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "PSSecureChat.psd1")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("PSSecureChat.psd1 was not found above this program.");
    }
}
