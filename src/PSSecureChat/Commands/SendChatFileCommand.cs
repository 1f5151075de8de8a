using System.Management.Automation;
using PSSecureChat.Completion;
using PSSecureChat.Engine;
using PSSecureChat.Internal;

namespace PSSecureChat.Commands;

/// <summary>Sends files to peers.</summary>
/// <remarks>
/// Each file is offered; it goes when the other side takes it, with Receive-ChatFile or by a rule of its server. The command returns at once
/// with a transfer for each file and recipient, and Get-ChatTransfer shows how it goes on. A transfer survives lost
/// connections and restarts of either side: it goes on where it was. What arrives is checked against the SHA-256 of what was
/// sent. The file must stay as it is until it has arrived: a file that is changed meanwhile fails.
/// </remarks>
/// <example>
/// <para>Offer a file.</para>
/// <code>Send-ChatFile bob ./report.txt</code>
/// <para>It goes when the other side takes it.</para>
/// </example>
/// <example>
/// <para>Offer several files.</para>
/// <code>Get-ChildItem ./*.txt | Send-ChatFile bob</code>
/// </example>
/// <example>
/// <para>Offer a file to several peers.</para>
/// <code>Get-ChatPeer b* | Send-ChatFile ./report.txt</code>
/// </example>
/// <seealso cref="ReceiveChatFileCommand"/>
/// <seealso cref="GetChatTransferCommand"/>
[Cmdlet(VerbsCommunications.Send, "ChatFile", DefaultParameterSetName = PathSet, SupportsShouldProcess = true)]
[OutputType(typeof(ChatTransfer))]
public sealed class SendChatFileCommand : TransferCommand
{
    private const string PathSet = "Path";
    private const string LiteralSet = "LiteralPath";
    private const string PeerSet = "Peer";
    private readonly Dictionary<ChatEngine, List<ChatTransfer>> _begun = [];

    /// <summary>Names or wildcards of the recipients. A wildcard means the known peers that are not blocked. Beside peers from the pipeline it is the files.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = PathSet)]
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = LiteralSet)]
    [Parameter(Position = 0, ParameterSetName = PeerSet)] // PowerShell gives out positions before it looks at the pipeline
    [ArgumentCompleter(typeof(PeerNameCompleter))]
    [SupportsWildcards]
    public string[] To { get; set; } = [];

    /// <summary>The files, wildcards allowed. Folders that a wildcard meets are passed over.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true, ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = PeerSet)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Path { get; set; } = [];

    /// <summary>The files, each name taken as it stands. Files from Get-ChildItem come in here.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = LiteralSet)]
    [Parameter(ParameterSetName = PeerSet)]
    [Alias("PSPath", "LP", "FullName")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>A peer from the pipeline, the recipient. It names its server too.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = PeerSet)]
    [ValidateNotNull]
    public ChatPeer? Peer { get; set; }

    private protected override string PeerParameter => nameof(To);

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (Peer is not null && new[] { To, Path, LiteralPath }.Count(static given => given.Length > 0) != 1)
        {
            ThrowTerminatingError(ChatErrors.PipedPeerNeedsFiles(Peer));
        }

        ChatEngine engine = EngineOf(Peer?.Server);
        string[] paths = Peer is not null && Path.Length == 0 ? To : Path;
        List<string> files = [.. LiteralPath.Length > 0 ? LiteralPath.SelectMany(Literal) : paths.SelectMany(Matching)];
        List<ChatPeer> peers = Peer is null ? SelectPeers(engine, To, static peer => peer.State is not (ChatPeerState.Requested or ChatPeerState.Blocked)) : [Peer];
        foreach (string file in files)
        {
            foreach (ChatPeer peer in peers)
            {
                if (ShouldProcess($"{file} to {peer.Name}"))
                {
                    Send(engine, peer, file);
                }
            }
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        foreach ((ChatEngine engine, List<ChatTransfer> transfers) in _begun)
        {
            if (AsJob)
            {
                EmitJob(engine, _ => Task.FromResult<IReadOnlyList<ChatTransfer>>(transfers));
            }
            else
            {
                EmitEnds(engine, transfers);
            }
        }
    }

    private void Send(ChatEngine engine, ChatPeer peer, string file)
    {
        ChatTransfer transfer;
        try
        {
            transfer = AwaitOrThrow(token => engine.SendFileAsync(peer.Fingerprint, file, token));
        }
        catch (ChatException failure)
        {
            WriteFailure(failure, file);
            return;
        }

        WriteVerbose($"Offered {transfer}");
        if (!Wait && !AsJob)
        {
            WriteObject(transfer);
            return;
        }

        if (!_begun.TryGetValue(engine, out List<ChatTransfer>? begun))
        {
            _begun[engine] = begun = [];
        }

        begun.Add(transfer);
    }

    private IEnumerable<string> Literal(string path)
    {
        string full = SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out ProviderInfo provider, out _);
        return IsFileSystem(provider, path) ? [full] : [];
    }

    private IEnumerable<string> Matching(string path)
    {
        if (!WildcardPattern.ContainsWildcardCharacters(path))
        {
            return Literal(WildcardPattern.Unescape(path)); // Tab writes a bracket of a name as `[
        }

        try
        {
            IEnumerable<string> found = SessionState.Path.GetResolvedProviderPathFromPSPath(path, out ProviderInfo provider);
            return IsFileSystem(provider, path) ? found.Where(File.Exists) : [];
        }
        catch (ItemNotFoundException)
        {
            WriteFailure(ChatErrors.NoSuchFolder(path), path);
            return [];
        }
    }

    private bool IsFileSystem(ProviderInfo provider, string path)
    {
        if (provider.Name == "FileSystem")
        {
            return true;
        }

        WriteFailure(ChatErrors.NotAFile(path, provider.Name), path);
        return false;
    }
}
