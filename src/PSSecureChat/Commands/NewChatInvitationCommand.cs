using System.Management.Automation;
using PSSecureChat.Completion;
using PSSecureChat.Engine;

namespace PSSecureChat.Commands;

/// <summary>Makes an invitation: one line of text that lets one person in, once.</summary>
/// <remarks>
/// <para>The other side gives the line to Connect-ChatPeer; both sides are verified then. Whoever has the line can use it, so it travels over a way that only that person reads. It names this machine's own addresses unless -Address says how it is reached.</para>
/// <para>Get-ChatInvitation lists those that were not used, Remove-ChatInvitation takes one back.</para>
/// </remarks>
/// <example>
/// <para>Invite somebody for an hour.</para>
/// <code>New-ChatInvitation -ExpiresIn '1:00'</code>
/// </example>
/// <example>
/// <para>Invite through a router, and use the invitation.</para>
/// <code>
/// $invitation = New-ChatInvitation 127.0.0.1 (Get-ChatServer carol).Port -Server carol
/// Connect-ChatPeer $invitation
/// </code>
/// <para>Address and port are those under which the other side reaches the router.</para>
/// </example>
/// <seealso cref="ConnectChatPeerCommand"/>
[Cmdlet(VerbsCommon.New, "ChatInvitation", SupportsShouldProcess = true)]
[OutputType(typeof(string))]
public sealed class NewChatInvitationCommand : ServerCommand
{
    /// <summary>Addresses or host names under which the other side reaches this machine; its own addresses when none is given.</summary>
    [Parameter(Position = 0)]
    [Alias("Host", "HostName", "ComputerName", "IPAddress")]
    [ValidateNotNullOrEmpty]
    public string[] Address { get; set; } = [];

    /// <summary>The port there, when a router maps another one; that of the server when it is not given.</summary>
    [Parameter(Position = 1)]
    [PortTransformation]
    [ValidateRange(1, 65535)]
    public int? Port { get; set; }

    /// <summary>How long the invitation is good, '1:00' for an hour: a day when it is not given, at most 30 days.</summary>
    [Parameter]
    [DurationTransformation]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan ExpiresIn { get; set; } = TimeSpan.FromDays(1);

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        ChatEngine engine = Engine;
        if (ShouldProcess(engine.Server.ToString()))
        {
            WriteObject(Await(token => engine.InviteAsync(Address, Port, ExpiresIn, token)));
        }
    }
}
