using System.Management.Automation;
using PSSecureChat.Completion;
using PSSecureChat.Engine;
using PSSecureChat.Internal;

namespace PSSecureChat.Commands;

/// <summary>Gets the peers a server knows, as they stand now.</summary>
/// <remarks>
/// <para>State tells whether the peer is connected, waits for approval, has another key than before, or is blocked; Trust whether its key was verified. SafetyNumber is what two people compare.</para>
/// <para>With -Verbose it also tells what lately happened with each: connections, why they ended, and attempts to dial it again.</para>
/// </remarks>
/// <example>
/// <para>See everybody.</para>
/// <code>Get-ChatPeer</code>
/// </example>
/// <example>
/// <para>See fingerprints and what is to be compared.</para>
/// <code>Get-ChatPeer bob | Format-Table -View Security</code>
/// </example>
/// <example>
/// <para>Find out who waits to be let in.</para>
/// <code>Get-ChatPeer | Where-Object State -eq Requested</code>
/// </example>
[Cmdlet(VerbsCommon.Get, "ChatPeer")]
[OutputType(typeof(ChatPeer))]
public sealed class GetChatPeerCommand : ListingCommand
{
    /// <summary>Names or wildcards; all peers when it is not given.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(PeerNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = ["*"];

    private protected override string PeerParameter => nameof(Name);

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        ChatEngine engine = Engine;
        foreach (ChatPeer peer in ReadPeers(engine, Meant(Name) ?? ["*"]))
        {
            TellStory(engine, peer, 0);
            WriteObject(peer);
        }
    }
}
