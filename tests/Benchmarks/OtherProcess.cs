using System.Diagnostics;
using System.Globalization;
using Benchmarks.Bare;
using Benchmarks.Contestants;

namespace Benchmarks;

/// <summary>
/// The other side of a conversation: this program once more, as a child. It says its port on its output and ends
/// when its input ends, so it never outlives its parent.
/// </summary>
internal sealed class OtherProcess : IDisposable
{
    private readonly Process _process;

    private OtherProcess(Process process, int port)
    {
        _process = process;
        Port = port;
    }

    public int Port { get; }

    /// <summary>The processor time it has used.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Starts a child that answers.</summary>
    public static OtherProcess Start(string kind, string folder)
    {
        string program = Environment.ProcessPath!;
        ProcessStartInfo start = new(program) { RedirectStandardInput = true, RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(program) == "dotnet")
        {
            start.ArgumentList.Add(typeof(OtherProcess).Assembly.Location);
        }

        start.ArgumentList.Add("answer");
        start.ArgumentList.Add(kind);
        start.ArgumentList.Add(folder);
        Process process = Process.Start(start)!;
        string line = process.StandardOutput.ReadLine() ?? throw new InvalidOperationException($"The other process ({kind}) did not start.");
        return new OtherProcess(process, int.Parse(line, CultureInfo.InvariantCulture));
    }

    /// <summary>What the child does.</summary>
    public static async Task AnswerAsync(string kind, string folder)
    {
        IAsyncDisposable side = kind switch
        {
            EngineContestant.Kind => await EngineContestant.AnswerAsync(folder, Say),
            EngineFileContestant.Kind => await EngineFileContestant.AnswerAsync(folder, Say),
            SslFileContestant.Kind or SslFileContestant.FlushedKind => SslFileContestant.Answer(folder, kind == SslFileContestant.FlushedKind, Say),
            BareContestant.Plain or BareContestant.Indexed => BareReceiver.Start(folder, kind == BareContestant.Indexed, Say),
            StreamContestant.Tcp => StreamReceiver.Start(tls: false, Say),
            StreamContestant.Ssl => StreamReceiver.Start(tls: true, Say),
            _ => throw new ArgumentException(kind),
        };
        await Console.In.ReadToEndAsync();
        await side.DisposeAsync();
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static void Say(int port) => Console.Out.WriteLine(port.ToString(CultureInfo.InvariantCulture));
}
