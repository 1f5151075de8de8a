using System.Globalization;
using PSSecureChat.Engine;

namespace PSSecureChat.Faults.Kill;

/// <summary>
/// A peer in a process of its own that does what its input says, a line a command, and says what it was told on its
/// output, a line a promise. It ends when its input ends, so it never outlives its parent.
/// </summary>
internal sealed class Child(ChatEngine engine, TextWriter output)
{
    /// <summary>Where the peer of a store takes files to, when that folder is there.</summary>
    public static string InboxOf(string folder) => folder + ".inbox";

    /// <summary>Starts the peer and serves until the end of the input.</summary>
    public static async Task RunAsync(string name, string folder, int port, TextReader input, TextWriter output)
    {
        ChatServerOptions options = new()
        {
            Name = name,
            Address = "127.0.0.1",
            Port = port,
            Path = folder,
            AcceptFrom = ChatAcceptance.Anyone,
            ReceiveFilesTo = Directory.Exists(InboxOf(folder)) ? InboxOf(folder) : null,
        };
        await using ChatEngine engine = await ChatEngine.StartAsync(options, Patience.Impatient, TimeProvider.System, Patience.Token);
        TextWriter lines = TextWriter.Synchronized(output);
        Child child = new(engine, lines);
        child.Say("ready");
        while (await input.ReadLineAsync() is string line)
        {
            _ = child.DoAsync(line.Split(' '));
        }
    }

    private async Task DoAsync(string[] command)
    {
        try
        {
            switch (command)
            {
                case ["connect", string port]:
                    await engine.ConnectAsync("127.0.0.1", Number(port), null, null, Patience.Token);
                    Say("connected");
                    break;
                case ["send", string first, string count, string flushEvery]:
                    await SendAsync(Number(first), Number(count), Number(flushEvery));
                    break;
                case ["file", .. string[] path]:
                    await engine.SendFileAsync(engine.GetPeers().Single().Fingerprint, string.Join(' ', path), Patience.Token);
                    Say("offered");
                    break;
                case ["settlefiles"]:
                    await SettleFilesAsync();
                    break;
                case ["settle"]:
                    await SettleAsync();
                    break;
                case ["report", string after]:
                    Report(Number(after));
                    break;
            }
        }
        catch (Exception e) // whatever it is, the parent must learn of it
        {
            Say($"failed {e.Message.ReplaceLineEndings(" ")}");
        }
    }

    private async Task SendAsync(int first, int count, int flushEvery)
    {
        string peer = engine.GetPeers().Single().Fingerprint;
        ChatSender sender = engine.OpenSender();
        int flushed = first;
        for (int i = first; i < first + count; i++)
        {
            await sender.QueueAsync(peer, Ledger.TextOf(i), null, Patience.Token);
            if (i - flushed + 1 == flushEvery || i == first + count - 1)
            {
                await sender.FlushAsync(Patience.Token);
                Say($"stored {flushed} {i}");
                flushed = i + 1;
            }
        }

        Say("sent");
    }

    // A peer has everything once nothing is queued for it.
    private async Task SettleAsync()
    {
        using PeriodicTimer look = new(TimeSpan.FromMilliseconds(5));
        long until = Environment.TickCount64 + (long)Patience.Limit.TotalMilliseconds;
        while (engine.GetPeers().Single().Queued > 0)
        {
            if (Environment.TickCount64 > until)
            {
                ChatPeer peer = engine.GetPeers().Single();
                Say($"failed to settle: {peer.State}, queued {peer.Queued}, {peer.Reason}");
                return;
            }

            await look.WaitForNextTickAsync();
        }

        Say("settled");
    }

    // As long as something moves it may take its time.
    private async Task SettleFilesAsync()
    {
        while (true)
        {
            long version = engine.TransfersVersion;
            if (engine.GetTransfers().FirstOrDefault(static transfer => transfer is { HasEnded: true, State: not ChatTransferState.Completed }) is { } failed)
            {
                Say($"failed file: {failed}, {failed.Reason}");
                return;
            }

            if (engine.GetTransfers().FirstOrDefault(static transfer => !transfer.HasEnded) is not { } open)
            {
                Say("filessettled");
                return;
            }

            try
            {
                await engine.WaitForTransfersAsync(version, Patience.Token);
            }
            catch (OperationCanceledException)
            {
                Say($"failed to settle: {open}, {open.Reason}, {engine.GetPeers().Single().State}");
                return;
            }
        }
    }

    private void Report(int after)
    {
        MessageQuery query = new() { Direction = ChatDirection.Incoming, AfterIndex = after };
        foreach (ChatMessage message in engine.ReadMessages(query, Patience.Token))
        {
            Say($"message {message.Index} {Ledger.NumberOf(message.Text)}");
        }

        Say("reported");
    }

    private void Say(string line)
    {
        output.WriteLine(line);
        output.Flush();
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
