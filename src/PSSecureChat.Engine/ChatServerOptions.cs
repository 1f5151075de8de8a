using System.Net;

namespace PSSecureChat.Engine;

/// <summary>What a server is started with.</summary>
public sealed class ChatServerOptions
{
    /// <summary>The name peers see; see <see cref="PeerName"/> for what is usable.</summary>
    public required string Name { get; init; }

    /// <summary>The local address to listen on: an address, a host name of this machine, or null for all addresses.</summary>
    public string? Address { get; init; }

    /// <summary>The port to listen on, 0 for any.</summary>
    public int Port { get; init; }

    /// <summary>The folder of the store; null for the default folder of this name. Ignored by an ephemeral server.</summary>
    public string? Path { get; init; }

    /// <summary>Keep nothing on disk that outlives the server.</summary>
    public bool Ephemeral { get; init; }

    /// <summary>The passphrase that protects the store, or empty. The caller wipes it when the start has ended or was cancelled: then nothing is made with it any more.</summary>
    public ReadOnlyMemory<char> Passphrase { get; init; }

    /// <summary>Tell senders that their messages were read.</summary>
    public bool ReadReceipts { get; init; }

    /// <summary>Told what is being done while the server starts, for Verbose; may be null. Called on other threads.</summary>
    public Action<string>? Progress { get; set; }

    /// <summary>The folder, a full path, that takes offered files without asking; null to ask for each.</summary>
    public string? ReceiveFilesTo { get; init; }

    /// <summary>The peers whose files are taken so: names, with * and ? for what they usually stand for.</summary>
    public IReadOnlyList<string> ReceiveFilesFrom { get; init; } = ["*"];

    /// <summary>Files of more bytes are not taken without asking.</summary>
    public long ReceiveFilesUpTo { get; init; } = long.MaxValue;

    /// <summary>Which strangers are taken.</summary>
    public ChatAcceptance AcceptFrom { get; init; }
}
