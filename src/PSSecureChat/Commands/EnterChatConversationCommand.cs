using System.Management.Automation;
using PSSecureChat.Completion;
using PSSecureChat.Engine;
using PSSecureChat.Internal;
using PSSecureChat.Live;

namespace PSSecureChat.Commands;

/// <summary>Talks with one peer live in the terminal: type and read at once.</summary>
/// <remarks>
/// <para>Earlier messages stand above; what comes appears below them and counts as read. Behind each own text stands how far it has come: queued while the peer is away, sent, delivered, read.</para>
/// <para>Enter sends, Alt+Enter begins a new line, a text of several lines may be pasted, the arrows up and down bring sent texts back. Ctrl+C, Ctrl+D on an empty line or /exit leaves.</para>
/// <para>The command needs a person at a terminal: in jobs, in other runspaces, with redirected input or output it is the error NotInteractive.</para>
/// </remarks>
/// <example>
/// <para>Talk with bob.</para>
/// <code>Enter-ChatConversation bob</code>
/// </example>
/// <example>
/// <para>Begin with more of what was said before.</para>
/// <code>Enter-ChatConversation bob -Last 100</code>
/// </example>
/// <example>
/// <para>Connect, and talk at once.</para>
/// <code>Connect-ChatPeer 192.168.0.22:8095 | Enter-ChatConversation</code>
/// </example>
[Cmdlet(VerbsCommon.Enter, "ChatConversation")]
[OutputType(typeof(void))]
public sealed class EnterChatConversationCommand : NamedPeersCommand
{
    /// <summary>The name of the peer.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("Name", "Peer")]
    [ArgumentCompleter(typeof(PeerNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string With { get; set; } = string.Empty;

    /// <summary>How many earlier messages are shown at the beginning; 20 when it is not given. Unread ones are shown in any case.</summary>
    [Parameter]
    [Alias("Tail")]
    [ValidateRange(0, LiveScreen.MaxKept)]
    public int Last { get; set; } = 20;

    private protected override string PeerParameter => nameof(With);

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        ChatEngine engine = Engine;
        if (MeantPeer(engine, With) is not { } peer)
        {
            return;
        }

        try
        {
            if (peer.State is ChatPeerState.Requested or ChatPeerState.Blocked)
            {
                throw peer.State == ChatPeerState.Blocked ? ChatErrors.PeerBlocked(peer.Name) : ChatErrors.PeerNotApproved(peer.Name);
            }

            LiveConversation conversation;
            using (LiveTerminal terminal = LiveTerminal.Take(Host, peer.Name))
            {
                (int width, int height) = LiveTerminal.Size;
                conversation = new LiveConversation(engine, peer.Fingerprint, new LiveScreen(width, height, IsStyled()), StopToken);
                conversation.Run(terminal, Last);
            }

            TryAwait(_ => conversation.SettleAsync(), With);
        }
        catch (ChatException failure)
        {
            WriteFailure(failure, With);
        }
        catch (OperationCanceledException) when (StopToken.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
    }

    // Colours follow $PSStyle and NO_COLOR; where there is no $PSStyle, NO_COLOR alone.
    private bool IsStyled()
    {
        object? style = SessionState.PSVariable.GetValue("PSStyle");
        object? rendering = style is null ? null : PSObject.AsPSObject(style).Properties["OutputRendering"]?.Value;
        return $"{rendering}" != "PlainText" && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
    }
}
