using System.Management.Automation;

namespace PSSecureChat.Objects;

/// <summary>A peer as scripts hold it: a <see cref="ChatPeer"/>, or the copy of one that came out of a job, a file or Select-Object.</summary>
internal sealed record PeerObject(string Fingerprint, string Name, string Server)
{
    /// <summary>The peer that an object is; null when it is none.</summary>
    public static PeerObject? Of(PSObject value) => value.BaseObject switch
    {
        ChatPeer peer => new(peer.Fingerprint, peer.Name, peer.Server),
        PSCustomObject when CopyOf.Is<ChatPeer>(value) => OfCopy(value),
        _ => null,
    };

    // Somebody may have taken properties away: without its key it is a row like any other.
    private static PeerObject? OfCopy(PSObject copy) => copy.Properties[nameof(Fingerprint)]?.Value is string fingerprint
        && copy.Properties[nameof(Name)]?.Value is string name
        && copy.Properties[nameof(Server)]?.Value is string server
            ? new(fingerprint, name, server)
            : null;
}
