using System.Management.Automation;
using PSSecureChat.Completion;
using PSSecureChat.Engine;
using PSSecureChat.Internal;

namespace PSSecureChat.Commands;

/// <summary>A cmdlet that does one thing to each transfer named.</summary>
public abstract class TransferActionCommand : ServerCommand
{
    /// <summary>The parameter set that takes names.</summary>
    protected const string NameSet = "Name";
    private const string TransferSet = "Transfer";
    private const string IdSet = "Id";

    /// <summary>Names of files, wildcards allowed: their transfers that have not ended.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = NameSet)]
    [ArgumentCompleter(typeof(TransferNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>Transfers from Get-ChatTransfer.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = TransferSet)]
    [ValidateNotNull]
    public ChatTransfer[] Transfer { get; set; } = [];

    /// <summary>The ids of transfers.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = IdSet)]
    [ArgumentCompleter(typeof(TransferIdCompleter))]
    [ValidateNotNull]
    public Guid[] Id { get; set; } = [];

    /// <summary>Emits each transfer as it stands afterwards.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        ChatEngine engine = Engine;
        foreach (ChatTransfer transfer in Meant(engine))
        {
            if (ShouldProcess(transfer.ToString()))
            {
                Act(engine, transfer);
            }
        }
    }

    private protected abstract Task<ChatTransfer> ActAsync(ChatEngine engine, ChatTransfer transfer, CancellationToken cancellationToken);

    private List<ChatTransfer> Meant(ChatEngine engine)
    {
        IReadOnlyList<ChatTransfer> all = engine.GetTransfers();
        if (ParameterSetName == NameSet)
        {
            TransferFilter filter = new(Name, null, static transfer => !transfer.HasEnded);
            List<ChatTransfer> selected = filter.Select(all);
            filter.Missing(selected).ForEach(name => WriteFailure(ChatErrors.TransferUnknown(name, engine.Server), name));
            return selected;
        }

        List<ChatTransfer> meant = [];
        foreach (Guid id in ParameterSetName == IdSet ? Id : Transfer.Select(static transfer => transfer.Id))
        {
            if (all.FirstOrDefault(transfer => transfer.Id == id) is { } transfer)
            {
                meant.Add(transfer);
            }
            else
            {
                WriteFailure(ChatErrors.TransferUnknown(id, engine.Server), id);
            }
        }

        return meant;
    }

    private void Act(ChatEngine engine, ChatTransfer transfer)
    {
        ChatTransfer now;
        try
        {
            now = AwaitOrThrow(token => ActAsync(engine, transfer, token));
        }
        catch (ChatException failure)
        {
            WriteFailure(failure, transfer);
            return;
        }

        if (PassThru)
        {
            WriteObject(now);
        }
    }
}
