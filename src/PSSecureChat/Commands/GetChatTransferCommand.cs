using System.Management.Automation;
using PSSecureChat.Completion;
using PSSecureChat.Engine;
using PSSecureChat.Internal;

namespace PSSecureChat.Commands;

/// <summary>Lists files on their way, offers that wait, and transfers that have ended, oldest first.</summary>
/// <remarks>
/// A transfer is shown as it stands at this moment: ask again to see it go on. Offers of peers wait until Receive-ChatFile takes them or
/// Stop-ChatTransfer refuses them. The last thousand that have ended stay listed.
/// </remarks>
/// <example>
/// <para>See what is on its way.</para>
/// <code>Get-ChatTransfer</code>
/// </example>
/// <example>
/// <para>Ask how one file goes on.</para>
/// <code>
/// $transfer = Send-ChatFile bob ./report.txt
/// Get-ChatTransfer -Id $transfer.Id
/// </code>
/// </example>
/// <seealso cref="SendChatFileCommand"/>
/// <seealso cref="ReceiveChatFileCommand"/>
[Cmdlet(VerbsCommon.Get, "ChatTransfer", DefaultParameterSetName = NameSet)]
[OutputType(typeof(ChatTransfer))]
public sealed class GetChatTransferCommand : ListingCommand
{
    private const string NameSet = "Name";
    private const string IdSet = "Id";

    /// <summary>Names of files, wildcards allowed; all when it is not given.</summary>
    [Parameter(Position = 0, ParameterSetName = NameSet)]
    [ArgumentCompleter(typeof(TransferNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = ["*"];

    /// <summary>The ids of transfers. A transfer from the pipeline is shown as it stands now.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = IdSet)]
    [ArgumentCompleter(typeof(TransferIdCompleter))]
    [ValidateNotNull]
    public Guid[] Id { get; set; } = [];

    /// <summary>Names or wildcards of the other side; anyone when it is not given.</summary>
    [Parameter(ParameterSetName = NameSet)]
    [Alias("With")]
    [ArgumentCompleter(typeof(PeerNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Peer { get; set; }

    /// <summary>A peer from the pipeline, which is the other side.</summary>
    [Parameter(ValueFromPipeline = true, DontShow = true, ParameterSetName = NameSet)]
    public ChatPeer? InputPeer { get; set; }

    /// <summary>Only transfers in one of these states.</summary>
    [Parameter(ParameterSetName = NameSet)]
    public ChatTransferState[]? State { get; set; }

    private protected override string PeerParameter => nameof(Peer);

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        ChatEngine engine = Engine;
        if (ParameterSetName == IdSet)
        {
            foreach (Guid id in Id)
            {
                if (engine.GetTransfers().FirstOrDefault(transfer => transfer.Id == id) is { } transfer)
                {
                    WriteObject(transfer);
                }
                else
                {
                    WriteFailure(ChatErrors.TransferUnknown(id, engine.Server), id);
                }
            }

            return;
        }

        string[]? named = NamedBy(Peer, InputPeer);
        if (MyInvocation.ExpectingInput && named is null && InputServer is null && !MyInvocation.BoundParameters.ContainsKey(nameof(Name)))
        {
            WriteError(ChatErrors.InputMeansNobody("transfers, peers and servers", "-Peer, or the files with -Name"));
            return;
        }

        string[]? peers = named is null ? null : [.. ReadPeers(engine, named).Select(static peer => peer.Fingerprint)];
        TransferFilter filter = new(Name, peers, transfer => State is null || State.Contains(transfer.State));
        List<ChatTransfer> selected = filter.Select(engine.GetTransfers());
        WriteObject(selected, enumerateCollection: true);
        filter.Missing(selected).ForEach(name => WriteFailure(ChatErrors.TransferUnknown(name, engine.Server), name));
    }
}
