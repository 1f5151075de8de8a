namespace PSSecureChat.Engine.Watch;

/// <summary>Files on their way: each change of state, and the progress of each a few times a second. Of what comes faster than it is looked at, only the last is seen.</summary>
internal sealed class LookForTransfers(ChatEngine engine, Func<string, bool> isMeant) : Look
{
    private long _version = engine.TransfersVersion;

    public override IEnumerable<ChatEventArgs> Changes(CancellationToken cancellationToken)
    {
        if (engine.TransfersVersion == _version)
        {
            yield break;
        }

        foreach (ChatTransfer transfer in engine.GetTransfers().Where(transfer => transfer.Version > _version).OrderBy(static transfer => transfer.Version).ToList())
        {
            _version = transfer.Version;
            if (isMeant(transfer.Peer))
            {
                yield return new ChatEventArgs { EventName = ChatEventName.TransferProgress, Server = engine.Server.Name, Transfer = transfer };
            }
        }
    }
}
