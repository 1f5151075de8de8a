using System.Globalization;
using Microsoft.Data.Sqlite;

namespace PSSecureChat.Faults.Kill;

/// <summary>One of the two peers: its store, its process while it lives, and what it has sent and received.</summary>
/// <param name="name">Its name.</param>
/// <param name="folder">Its store's folder.</param>
/// <param name="port">Where it listens.</param>
/// <param name="outgoing">What it sends.</param>
/// <param name="incoming">What it receives.</param>
internal sealed class Side(string name, string folder, int port, Ledger outgoing, Ledger incoming) : IDisposable
{
    private ChildProcess? _process;
    private long _seen;

    public int Port => port;

    public async Task StartAsync()
    {
        if (_process is null)
        {
            _process = new ChildProcess(name, folder, port, Hear);
            await _process.HearAsync("ready");
        }
    }

    public Task ConnectAsync(Side other) => _process!.AskAsync($"connect {other.Port}", "connected");

    /// <summary>Has it send; it goes on by itself.</summary>
    public void Send(int count, int flushEvery) => _process!.Tell($"send {outgoing.Issue(count)} {count} {flushEvery}");

    /// <summary>Completes when all it was told to send is stored.</summary>
    public Task SentAsync() => _process!.HearAsync("sent");

    /// <summary>Completes when the other side has acknowledged everything.</summary>
    public Task SettleAsync() => _process!.AskAsync("settle", "settled");

    /// <summary>Reads what has been received since the last time into the ledger.</summary>
    public Task ReportAsync() => _process!.AskAsync($"report {_seen}", "reported");

    /// <summary>Kills it and looks at a copy of what is left on the disk.</summary>
    public async Task KillAsync()
    {
        await _process!.KillAsync();
        _process.Dispose();
        _process = null;
        CheckIntegrity();
    }

    public async Task StopAsync()
    {
        if (_process is not null)
        {
            await _process.StopAsync();
            _process.Dispose();
            _process = null;
        }
    }

    public void Dispose() => _process?.Dispose();

    private void Hear(string line)
    {
        switch (line.Split(' '))
        {
            case ["stored", string first, string last]:
                outgoing.Promise(Number(first), Number(last));
                break;
            case ["message", string index, string number]:
                _seen = Number(index);
                incoming.Find(Number(number));
                break;
        }
    }

    // Of a copy: to open the file itself would do the repair that the peer must be able to do.
    private void CheckIntegrity()
    {
        string copy = folder + ".copy";
        Directory.CreateDirectory(copy);
        foreach (string file in new[] { "store.db", "store.db-wal" })
        {
            string from = Path.Combine(folder, file);
            string to = Path.Combine(copy, file);
            File.Delete(to);
            if (File.Exists(from))
            {
                File.Copy(from, to);
            }
        }

        using SqliteConnection connection = new($"Data Source={Path.Combine(copy, "store.db")};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "PRAGMA integrity_check";
        if (command.ExecuteScalar() is not "ok" and object found)
        {
            throw new InvalidOperationException($"The store of {name} is damaged: {found}");
        }
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
