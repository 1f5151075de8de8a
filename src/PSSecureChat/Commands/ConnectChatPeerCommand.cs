using System.Management.Automation;
using PSSecureChat.Engine;
using PSSecureChat.Internal;

namespace PSSecureChat.Commands;

/// <summary>Connects to a peer: dials its address, shakes hands, and makes it known under its name.</summary>
[Cmdlet(VerbsCommunications.Connect, "ChatPeer")]
[OutputType(typeof(ChatPeer))]
public sealed class ConnectChatPeerCommand : ServerCommand
{
    /// <summary>The peer's address or host name, also as host:port or [IPv6 address]:port; or an invitation.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Host", "HostName", "ComputerName", "IPAddress", "Endpoint")]
    public string Address { get; set; } = string.Empty;

    /// <summary>The peer's port, when the address does not name it.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [PortTransformation]
    [ValidateRange(1, 65535)]
    public int? Port { get; set; }

    /// <summary>The fingerprint the peer must have; a peer with another one is refused.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [AllowEmptyString]
    public string? Fingerprint { get; set; }

    /// <summary>How many seconds the attempt may take; 15 when it is not given.</summary>
    [Parameter]
    [Alias("TimeoutSeconds", "Timeout")]
    [ValidateRange(0.001, int.MaxValue / 1000)]
    public double TimeoutSec { get; set; } = 15;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        ChatPeer peer;
        try
        {
            peer = Connect();
        }
        catch (ChatException failure)
        {
            // An invitation is a secret, and an error record outlives the line that was typed.
            WriteFailure(failure, ChatEngine.IsInvitation(Address) ? null : Address);
            return;
        }

        WriteVerbose($"Now connected to {peer.Name}.");
        WriteObject(peer);
    }

    private ChatPeer Connect()
    {
        ChatEngine engine = Engine;
        string? pin = string.IsNullOrEmpty(Fingerprint) ? null : Fingerprint;
        if (ChatEngine.IsInvitation(Address))
        {
            return Connect("The inviter", (progress, token) => engine.ConnectAsync(Address, pin, progress, token));
        }

        PeerAddress address = PeerAddress.Parse(Address, Port);
        return Connect(address.ToString(), (progress, token) => engine.ConnectAsync(address.Host, address.Port, pin, progress, token));
    }

    private ChatPeer Connect(string whom, Func<Action<string>, CancellationToken, Task<ChatPeer>> dial)
    {
        TimeSpan limit = TimeSpan.FromSeconds(TimeoutSec);
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(StopToken);
        deadline.CancelAfter(limit);
        try
        {
            return AwaitTelling(tell => dial(tell, deadline.Token), deadline.Token);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            throw ChatErrors.ConnectTimedOut(whom, limit);
        }
        finally
        {
            deadline.Cancel(); // a stop downstream of a verbose line leaves no attempt behind
        }
    }
}
