using System.Management.Automation;
using PSSecureChat.Completion;
using PSSecureChat.Engine;
using PSSecureChat.Internal;

namespace PSSecureChat.Commands;

/// <summary>Gets the invitations that New-ChatInvitation has made and that nobody has used yet.</summary>
/// <remarks>
/// <para>What is shown lets nobody in: the secret stands only in the line itself. An invitation is known by its id, the first eight characters of the line behind pssc1_.</para>
/// </remarks>
/// <example>
/// <para>See what is open.</para>
/// <code>
/// $invitation = New-ChatInvitation
/// Get-ChatInvitation
/// </code>
/// </example>
/// <example>
/// <para>Find out whether a line was used.</para>
/// <code>
/// $invitation = New-ChatInvitation
/// Get-ChatInvitation $invitation
/// </code>
/// <para>It is an error when the invitation was used, was taken back, or has expired.</para>
/// </example>
[Cmdlet(VerbsCommon.Get, "ChatInvitation")]
[OutputType(typeof(ChatInvitation))]
public sealed class GetChatInvitationCommand : ServerCommand
{
    /// <summary>
    /// Which ones: the first eight characters of the line behind pssc1_, with wildcards, or a whole line. All that are open when it is not given.
    /// </summary>
    [Parameter(Position = 0)]
    [ArgumentCompleter(typeof(InvitationIdCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Id { get; set; } = ["*"];

    /// <summary>A server from the pipeline.</summary>
    [Parameter(ValueFromPipeline = true, DontShow = true)]
    public ChatServer? InputServer { get; set; }

    private protected override ChatServer? ChosenServer => InputServer ?? Server;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        ChatEngine engine = Engine;
        IReadOnlyList<ChatInvitation> open = Await(_ => Task.FromResult(engine.GetInvitations()));
        WriteObject(InvitationSelection.Select(open, Id, out List<string> unknown), enumerateCollection: true);
        unknown.ForEach(mark => WriteFailure(ChatErrors.InvitationUnknown(mark, engine.Server), mark));
    }
}
