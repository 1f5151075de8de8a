using System.Management.Automation;
using PSSecureChat.Engine;
using PSSecureChat.Internal;

namespace PSSecureChat.Commands;

/// <summary>A cmdlet that means peers: by name, or by the key of a peer that comes from the pipeline.</summary>
public abstract class NamedPeersCommand : ServerCommand
{
    /// <summary>The fingerprint of a peer from the pipeline, or of its copy: the name that comes along may be another's by now.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, DontShow = true)]
    [Alias("Fingerprint")]
    public string? InputFingerprint { get; set; }

    /// <summary>The parameter that names peers.</summary>
    private protected abstract string PeerParameter { get; }

    /// <summary>Whether peers were named on the command line: then those are meant, whatever comes from the pipeline.</summary>
    private protected bool PeersWereTyped { get; private set; }

    /// <summary>The fingerprint of the one peer that is meant; null when names say who is.</summary>
    private protected virtual string? PipedFingerprint => PeersWereTyped || string.IsNullOrEmpty(InputFingerprint) ? null : InputFingerprint;

    /// <inheritdoc/>
    protected override void BeginProcessing() => PeersWereTyped = MyInvocation.BoundParameters.ContainsKey(PeerParameter);

    /// <summary>Who is named: on the command line, or by a peer from the pipeline or its copy; null when nobody is.</summary>
    private protected string[]? NamedBy(string[]? typed, ChatPeer? piped) => typed ?? NameOf(piped) ?? (PipedFingerprint is { } fingerprint ? [fingerprint] : null);

    /// <summary>The peers that are meant, to do something to them. That one is not known is an error of its own.</summary>
    private protected List<ChatPeer> MeantPeers(ChatEngine engine, string[] names, Func<ChatPeer, bool> byWildcard)
    {
        if (PipedFingerprint is not { } fingerprint)
        {
            return SelectPeers(engine, names, byWildcard);
        }

        if (engine.GetPeers().FirstOrDefault(peer => peer.Fingerprint == fingerprint) is { } piped)
        {
            return [piped];
        }

        WritePipedUnknown(engine, names.FirstOrDefault() ?? fingerprint, fingerprint);
        return [];
    }

    /// <summary>Tells that the peer from the pipeline is not known.</summary>
    private protected void WritePipedUnknown(ChatEngine engine, string name, string fingerprint) =>
        WriteFailure(ChatErrors.PipedPeerUnknown(name, fingerprint, PeerSelection.Find(engine.GetPeers(), name)?.Fingerprint, engine.Server), fingerprint);

    /// <summary>The one peer of a plain name, or of the pipeline; null when there is none, which has been told.</summary>
    private protected ChatPeer? MeantPeer(ChatEngine engine, string name)
    {
        if (PipedFingerprint is not null)
        {
            return MeantPeers(engine, [name], PeerSelection.Any).FirstOrDefault();
        }

        ChatPeer? peer = PeerSelection.Find(engine.GetPeers(), name);
        if (peer is null)
        {
            WriteFailure(ChatErrors.PeerUnknown(name, engine.Server), name);
        }

        return peer;
    }

    /// <summary>The peers that are meant, to read of them. One whose key was changed with our approval has its messages under the new one.</summary>
    private protected List<ChatPeer> ReadPeers(ChatEngine engine, string[] names) =>
        PipedFingerprint is { } fingerprint && engine.FindPeer(fingerprint) is { } piped ? [piped] : MeantPeers(engine, names, PeerSelection.Any);
}
