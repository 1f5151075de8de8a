using System.Management.Automation;
using PSSecureChat.Completion;
using PSSecureChat.Engine;
using PSSecureChat.Internal;

namespace PSSecureChat.Commands;

/// <summary>Takes back an invitation that nobody has used yet: from then on nobody gets in by its line.</summary>
/// <remarks>
/// <para>Whoever used it before stays a peer; Block-ChatPeer and Remove-ChatPeer are for that.</para>
/// </remarks>
/// <example>
/// <para>Take one back.</para>
/// <code>
/// $invitation = New-ChatInvitation
/// Remove-ChatInvitation $invitation
/// </code>
/// </example>
/// <example>
/// <para>Take all back.</para>
/// <code>
/// $null = New-ChatInvitation
/// Get-ChatInvitation | Remove-ChatInvitation
/// </code>
/// </example>
/// <seealso cref="BlockChatPeerCommand"/>
[Cmdlet(VerbsCommon.Remove, "ChatInvitation", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class RemoveChatInvitationCommand : ServerCommand
{
    /// <summary>Which ones: the id that Get-ChatInvitation shows, with wildcards, or the whole line.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(InvitationIdCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Id { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        ChatEngine engine = Engine;
        IReadOnlyList<ChatInvitation> open = Await(_ => Task.FromResult(engine.GetInvitations()));
        List<ChatInvitation> meant = InvitationSelection.Select(open, Id, out List<string> unknown);
        unknown.ForEach(mark => WriteFailure(ChatErrors.InvitationUnknown(mark, engine.Server), mark));
        foreach (ChatInvitation invitation in meant)
        {
            if (ShouldProcess(invitation.Id))
            {
                TryAwait(token => engine.WithdrawInvitationAsync(invitation.Id, token), invitation.Id);
            }
        }
    }
}
