using System.Management.Automation;
using PSSecureChat.Completion;
using PSSecureChat.Internal;

namespace PSSecureChat.Commands;

/// <summary>Gets the servers that were started in this session, oldest first.</summary>
/// <remarks>
/// <para>A server belongs to the runspace that started it. The newest running one is the default of every cmdlet; -Server names another one. One that has failed is not passed over for an older one, which is another identity: Stop-ChatServer takes it off the list. Objects can be handed to other runspaces with $using:.</para>
/// </remarks>
/// <example>
/// <para>See the servers.</para>
/// <code>Get-ChatServer</code>
/// </example>
/// <example>
/// <para>Ask one server for its peers.</para>
/// <code>Get-ChatServer bob | Get-ChatPeer</code>
/// </example>
[Cmdlet(VerbsCommon.Get, "ChatServer")]
[OutputType(typeof(ChatServer))]
public sealed class GetChatServerCommand : ChatCommand
{
    /// <summary>Names or wildcards; all servers when it is not given.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = ["*"];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        ChatServer[] servers = ServerList.Current.ToArray();
        foreach (string name in Name)
        {
            NamePattern pattern = new(name);
            ChatServer[] named = Array.FindAll(servers, server => pattern.IsMatch(server.Name));
            if (named.Length == 0 && !pattern.IsWildcard)
            {
                WriteFailure(ChatErrors.ServerUnknown(name), name);
            }

            WriteObject(named, enumerateCollection: true);
        }
    }
}
