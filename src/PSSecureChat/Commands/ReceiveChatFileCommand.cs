using System.Management.Automation;
using PSSecureChat.Completion;
using PSSecureChat.Engine;
using PSSecureChat.Internal;

namespace PSSecureChat.Commands;

/// <summary>Takes files that peers offer.</summary>
/// <remarks>
/// The command returns at once with a transfer for each file it takes. A file is written beside where it will stand, checked
/// against the sender's SHA-256, and gets its name when all of it is there. What a peer calls its file never leads out of the
/// folder, and a file that is there is not replaced: the new one gets a number. With -Wait the command waits for an offer when there
/// is none, and until the files have arrived. To take files without asking, start the server with -ReceiveFilesTo.
/// </remarks>
/// <example>
/// <para>Take what is offered, and wait until it has arrived.</para>
/// <code>
/// $null = Send-ChatFile ana ./report.txt -Server bob
/// Receive-ChatFile -Wait -TimeoutSec 60
/// </code>
/// <para>The first line stands for the person at the other machine. A file that is there is not replaced: the new one gets a number.</para>
/// </example>
/// <example>
/// <para>Look at what is offered, and take some of it.</para>
/// <code>Get-ChatTransfer *.txt | Where-Object State -eq Offered | Receive-ChatFile</code>
/// </example>
/// <seealso cref="SendChatFileCommand"/>
/// <seealso cref="GetChatTransferCommand"/>
[Cmdlet(VerbsCommunications.Receive, "ChatFile", DefaultParameterSetName = NameSet, SupportsShouldProcess = true)]
[OutputType(typeof(ChatTransfer))]
public sealed class ReceiveChatFileCommand : TransferCommand
{
    private const string NameSet = "Name";
    private const string TransferSet = "Transfer";
    private const string IdSet = "Id";
    private readonly Dictionary<ChatEngine, List<ChatTransfer>> _taken = [];

    /// <summary>Names of offered files, wildcards allowed; all of them when it is not given.</summary>
    [Parameter(Position = 0, ParameterSetName = NameSet)]
    [ArgumentCompleter(typeof(TransferNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = ["*"];

    /// <summary>Offers from Get-ChatTransfer.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = TransferSet)]
    [ValidateNotNull]
    public ChatTransfer[] Transfer { get; set; } = [];

    /// <summary>The ids of offers.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = IdSet)]
    [ArgumentCompleter(typeof(TransferIdCompleter))]
    [ValidateNotNull]
    public Guid[] Id { get; set; } = [];

    /// <summary>Names or wildcards of the peers whose files are taken; anyone's when it is not given.</summary>
    [Parameter(ParameterSetName = NameSet)]
    [ArgumentCompleter(typeof(PeerNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? From { get; set; }

    /// <summary>A peer from the pipeline, which has its files taken.</summary>
    [Parameter(ValueFromPipeline = true, DontShow = true, ParameterSetName = NameSet)]
    public ChatPeer? InputPeer { get; set; }

    /// <summary>The folder to take the files to; the current one when it is not given.</summary>
    [Parameter(Position = 1)]
    [Alias("Path", "OutputPath")]
    [ValidateNotNullOrEmpty]
    public string Destination { get; set; } = ".";

    /// <summary>Replaces a file of the same name.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>How many seconds -Wait waits for an offer when there is none; without end when it is not given.</summary>
    [Parameter]
    [Alias("TimeoutSeconds", "Timeout")]
    [ValidateRange(0, int.MaxValue / 1000)]
    public double? TimeoutSec { get; set; }

    private protected override string PeerParameter => nameof(From);

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        // Nobody's files are taken for those of an object that names no one.
        if (ParameterSetName == NameSet && MyInvocation.ExpectingInput && InputPeer is null && PipedFingerprint is null && From is null && !MyInvocation.BoundParameters.ContainsKey(nameof(Name)))
        {
            WriteError(ChatErrors.InputMeansNobody("offers and peers", "-From, or the files with -Name"));
            return;
        }

        ChatEngine engine = Engine;
        string folder = FilePath(Destination);
        switch (ParameterSetName)
        {
            case TransferSet:
                Array.ForEach(Transfer, offer => Take(engine, offer.Id, folder, offer));
                break;
            case IdSet:
                Array.ForEach(Id, id => Take(engine, id, folder, id));
                break;
            default:
                TakeByName(engine, folder);
                break;
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        foreach ((ChatEngine engine, List<ChatTransfer> transfers) in _taken)
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

    private void TakeByName(ChatEngine engine, string folder)
    {
        string[]? named = NamedBy(From, InputPeer);
        string[]? from = named is null ? null : [.. ReadPeers(engine, named).Select(static peer => peer.Fingerprint)];
        TransferFilter filter = new(Name, from, static transfer => transfer is { State: ChatTransferState.Offered, Direction: ChatDirection.Incoming });
        List<ChatTransfer> offers = filter.Select(engine.GetTransfers());
        if (offers.Count == 0 && AsJob)
        {
            if (!ShouldProcess($"the next offer of {string.Join(", ", Name)} to {folder}"))
            {
                return;
            }

            bool force = Force;
            EmitJob(engine, token => WaitAndTakeAsync(engine, filter, folder, force, token));
            return;
        }

        if (offers.Count == 0 && Wait)
        {
            offers = WaitForOffers(engine, filter);
        }
        else
        {
            filter.Missing(offers).ForEach(name => WriteFailure(ChatErrors.NothingOffered(name, engine.Server), name));
        }

        offers.ForEach(offer => Take(engine, offer.Id, folder, offer.Name));
    }

    private List<ChatTransfer> WaitForOffers(ChatEngine engine, TransferFilter filter)
    {
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(StopToken);
        if (TimeoutSec is { } seconds)
        {
            deadline.CancelAfter(TimeSpan.FromSeconds(seconds));
        }

        try
        {
            return Await(_ => OffersAsync(engine, filter, deadline.Token));
        }
        catch (OperationCanceledException)
        {
            WriteFailure(ChatErrors.OfferTimedOut(TimeSpan.FromSeconds(TimeoutSec!.Value), engine.Server), null);
            return [];
        }
    }

    private static async Task<List<ChatTransfer>> OffersAsync(ChatEngine engine, TransferFilter filter, CancellationToken cancellationToken)
    {
        while (true)
        {
            long version = engine.TransfersVersion;
            List<ChatTransfer> offers = filter.Select(engine.GetTransfers());
            if (offers.Count > 0)
            {
                return offers;
            }

            await engine.WaitForTransfersAsync(version, cancellationToken);
        }
    }

    private static async Task<IReadOnlyList<ChatTransfer>> WaitAndTakeAsync(ChatEngine engine, TransferFilter filter, string folder, bool force, CancellationToken cancellationToken)
    {
        List<ChatTransfer> taken = [];
        foreach (ChatTransfer offer in await OffersAsync(engine, filter, cancellationToken))
        {
            taken.Add(await engine.TakeFileAsync(offer, folder, force, cancellationToken));
        }

        return taken;
    }

    private void Take(ChatEngine engine, Guid id, string folder, object typed)
    {
        if (engine.GetTransfers().FirstOrDefault(transfer => transfer.Id == id) is not { } offer)
        {
            WriteFailure(ChatErrors.TransferUnknown(id, engine.Server), typed);
            return;
        }

        if (!ShouldProcess($"{offer} to {folder}"))
        {
            return;
        }

        ChatTransfer taken;
        try
        {
            taken = AwaitOrThrow(token => engine.TakeFileAsync(offer, folder, Force, token));
        }
        catch (ChatException failure)
        {
            WriteFailure(failure, typed);
            return;
        }

        WriteVerbose($"Took {taken}");
        if (!Wait && !AsJob)
        {
            WriteObject(taken);
            return;
        }

        if (!_taken.TryGetValue(engine, out List<ChatTransfer>? transfers))
        {
            _taken[engine] = transfers = [];
        }

        transfers.Add(taken);
    }
}
