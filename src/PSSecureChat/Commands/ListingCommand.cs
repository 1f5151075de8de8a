using System.Management.Automation;

namespace PSSecureChat.Commands;

/// <summary>A cmdlet that lists what servers know: <c>Get-ChatServer | Get-ChatPeer</c> lists it of each.</summary>
public abstract class ListingCommand : NamedPeersCommand
{
    /// <summary>A server from the pipeline.</summary>
    /// <remarks>Not <see cref="ServerCommand.Server"/>: that takes names too, and a text from the pipeline is the name of a peer.</remarks>
    [Parameter(ValueFromPipeline = true, DontShow = true)]
    public ChatServer? InputServer { get; set; }

    private protected override ChatServer? ChosenServer => InputServer ?? Server;

    // The fingerprint of a piped server is its own.
    private protected override string? PipedFingerprint => InputServer is null ? base.PipedFingerprint : null;

    /// <summary>The peers that are meant. PowerShell takes the name of a piped server for that of a peer too: it means nobody.</summary>
    private protected string[]? Meant(string[]? peers) => InputServer is null || PeersWereTyped ? peers : null;
}
