using System.Management.Automation;

namespace PSSecureChat.Objects;

/// <summary>A message as scripts hold it: a <see cref="ChatMessage"/>, or the copy of one that came out of a job, a file or Select-Object.</summary>
internal sealed record MessageObject(Guid Id, string Peer, string PeerFingerprint, string Server, ChatDirection Direction, string Text, ChatMessageKind Kind)
{
    /// <summary>The message that an object is; null when it is none.</summary>
    public static MessageObject? Of(object? value)
    {
        PSObject? wrapper = value as PSObject;
        return (wrapper is null ? value : wrapper.BaseObject) switch
        {
            ChatMessage message => new(message.Id, message.Peer, message.PeerFingerprint, message.Server, message.Direction, message.Text, message.Kind),
            PSCustomObject when wrapper is not null && CopyOf.Is<ChatMessage>(wrapper) => OfCopy(wrapper),
            _ => null,
        };
    }

    // A copy has names in place of enums, and somebody may have taken properties away.
    private static MessageObject? OfCopy(PSObject copy)
    {
        string? Value(string name) => copy.Properties[name]?.Value?.ToString();
        return Guid.TryParse(Value(nameof(Id)), out Guid id)
            && Value(nameof(Peer)) is { } peer
            && Value(nameof(PeerFingerprint)) is { } fingerprint
            && Value(nameof(Server)) is { } server
            && Enum.TryParse(Value(nameof(Direction)), out ChatDirection direction)
            && Value(nameof(Text)) is { } text
            && Enum.TryParse(Value(nameof(Kind)), out ChatMessageKind kind)
                ? new(id, peer, fingerprint, server, direction, text, kind)
                : null;
    }
}
