using System.Management.Automation;
using PSSecureChat.Engine;
using PSSecureChat.Internal;

namespace PSSecureChat.Commands;

/// <summary>Connects to a peer: dials its address, shakes hands, and makes it known under its name.</summary>
/// <remarks>
/// <para>The identity key that answers at first contact is pinned; another key in its place is an error later. The connection is kept up: after a break it is dialled again until Disconnect-ChatPeer.</para>
/// <para>An address is typed as in Connect-ChatPeer 192.168.0.21 8095, as host:port, or as [IPv6 address]:port. An invitation of New-ChatInvitation brings address, key and a secret that lets you in at once.</para>
/// </remarks>
/// <example>
/// <para>Connect to a peer.</para>
/// <code>Connect-ChatPeer (Get-ChatServer carol).Endpoint</code>
/// <para>Here the other side runs in this session too. Otherwise its address stands there: Connect-ChatPeer 192.168.0.21 8095.</para>
/// </example>
/// <example>
/// <para>Take nobody but the holder of a key that is known beforehand.</para>
/// <code>
/// $carol = Get-ChatServer carol
/// Connect-ChatPeer $carol.Address $carol.Port -Fingerprint $carol.Fingerprint
/// </code>
/// <para>The peer is verified then.</para>
/// </example>
/// <example>
/// <para>Connect to all peers of a list.</para>
/// <code>Import-Csv ./peers.csv | Connect-ChatPeer</code>
/// <para>The columns are Address or ComputerName, Port, and Fingerprint where it is known.</para>
/// </example>
/// <example>
/// <para>Use an invitation.</para>
/// <code>
/// $invitation = New-ChatInvitation -Server carol
/// Connect-ChatPeer $invitation
/// </code>
/// </example>
/// <seealso cref="NewChatInvitationCommand"/>
[Cmdlet(VerbsCommunications.Connect, "ChatPeer", SupportsShouldProcess = true)]
[OutputType(typeof(ChatPeer))]
public sealed class ConnectChatPeerCommand : ServerCommand
{
    /// <summary>The peer's address or host name, also as host:port or [IPv6 address]:port; or an invitation.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Host", "HostName", "ComputerName", "IPAddress", "Endpoint")]
    [EndpointTransformation]
    public string Address { get; set; } = string.Empty;

    /// <summary>The peer's port, when the address does not name it. An invitation has its own: it takes none here.</summary>
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
        // An invitation is a secret, and what is shown, or kept in an error record, outlives the line that was typed.
        string? shown = ChatEngine.IsInvitation(Address) ? null : Address;
        if (!ShouldProcess(shown ?? "The inviter"))
        {
            return;
        }

        ChatPeer peer;
        try
        {
            peer = Connect();
        }
        catch (ChatException failure)
        {
            WriteFailure(failure, shown);
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
            if (Port is int port)
            {
                throw ChatErrors.InvitationHasPort(port);
            }

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
