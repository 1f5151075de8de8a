using System.Diagnostics;
using System.Globalization;
using System.Threading.Channels;
using Benchmarks.Bare;
using Benchmarks.Contestants;
using Benchmarks.Crowd;
using Benchmarks.Rows;

namespace Benchmarks;

/// <summary>
/// The other side of a conversation: this program once more, as a child. It says its port on its output and ends
/// when its input ends, so it never outlives its parent.
/// </summary>
internal sealed class OtherProcess : IDisposable
{
    private static readonly TimeSpan s_closing = TimeSpan.FromSeconds(30);
    private readonly Process _process;

    private OtherProcess(Process process, int port)
    {
        _process = process;
        Port = port;
    }

    public int Port { get; }

    /// <summary>The child, with figures that are fresh.</summary>
    public Process Process
    {
        get
        {
            _process.Refresh();
            return _process;
        }
    }

    /// <summary>Starts a child that answers.</summary>
    public static OtherProcess Start(string kind, string folder)
    {
        string program = Environment.ProcessPath!;
        bool isHost = Path.GetFileNameWithoutExtension(program) == "dotnet";
        return Start(program, [.. isHost ? [typeof(OtherProcess).Assembly.Location] : Array.Empty<string>(), "answer", kind, folder]);
    }

    /// <summary>Starts another program that says a number first and then answers lines.</summary>
    public static OtherProcess Start(string program, IEnumerable<string> arguments)
    {
        Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        string line = process.StandardOutput.ReadLine() ?? throw new InvalidOperationException($"{program} did not start.");
        return new OtherProcess(process, int.Parse(line, CultureInfo.InvariantCulture));
    }

    /// <summary>Says a line and waits for the <c>done</c> that answers it.</summary>
    public async Task AskAsync(string command)
    {
        await _process.StandardInput.WriteLineAsync(command);
        if (await _process.StandardOutput.ReadLineAsync() is not "done" and var answer)
        {
            throw new InvalidOperationException($"The other process answers '{command}' with '{answer}'.");
        }
    }

    /// <summary>What the child does.</summary>
    public static async Task AnswerAsync(string kind, string folder)
    {
        ChannelReader<string> commands = Listen();
        IAsyncDisposable side = kind switch
        {
            EngineContestant.Kind => await EngineContestant.AnswerAsync(folder, Say),
            EngineFileContestant.Kind => await EngineFileContestant.AnswerAsync(folder, Say),
            SslFileContestant.Kind or SslFileContestant.FlushedKind => SslFileContestant.Answer(folder, kind == SslFileContestant.FlushedKind, Say),
            BareContestant.Plain or BareContestant.Indexed => BareReceiver.Start(folder, kind == BareContestant.Indexed, Say),
            StreamContestant.Tcp => StreamReceiver.Start(tls: false, Say),
            StreamContestant.Ssl => StreamReceiver.Start(tls: true, Say),
            CrowdProcess.Kind => new CrowdProcess(),
            SoakRow.Receiver => await SoakRow.AnswerAsync(folder, Say),
            OpenRows.Engine => await OpenRows.OpenEngineAsync(folder, Say),
            OpenRows.Bare or OpenRows.BareCommitting => OpenRows.OpenBare(folder, kind == OpenRows.BareCommitting, Say),
            _ => throw new ArgumentException(kind),
        };
        if (side is CrowdProcess crowd)
        {
            Say(0);
            await foreach (string command in commands.ReadAllAsync())
            {
                await crowd.DoAsync(command);
                Console.Out.WriteLine("done");
            }
        }

        await commands.Completion;
        await side.DisposeAsync();
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    // Hears what the parent says, whatever the child is doing meanwhile. When it says nothing any more, or is dead, the child has a while to close.
    private static ChannelReader<string> Listen()
    {
        Channel<string> said = Channel.CreateUnbounded<string>();
        new Thread(() =>
        {
            while (Console.In.ReadLine() is string line)
            {
                said.Writer.TryWrite(line);
            }

            said.Writer.Complete();
            Thread.Sleep(s_closing);
            Environment.Exit(1);
        }) { IsBackground = true }.Start();
        return said.Reader;
    }

    private static void Say(int port) => Console.Out.WriteLine(port.ToString(CultureInfo.InvariantCulture));
}
