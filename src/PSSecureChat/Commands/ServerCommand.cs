using System.Management.Automation;
using PSSecureChat.Completion;
using PSSecureChat.Engine;
using PSSecureChat.Internal;

namespace PSSecureChat.Commands;

/// <summary>A cmdlet that speaks through one server.</summary>
public abstract class ServerCommand : ChatCommand
{
    private ChatServer? _newest;

    /// <summary>The server to speak through: an object, or the name of a server of this session. The newest running one when it is not given.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ServerTransformation]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    [ValidateNotNull]
    public virtual ChatServer? Server { get; set; }

    /// <summary>The engine of the server; ends the cmdlet with NoServer or ServerStopped when there is none.</summary>
    private protected ChatEngine Engine => EngineOf(ChosenServer ?? Newest);

    // Settled once: what streams through one command never goes out under two identities because a server was started or has failed meanwhile.
    private ChatServer? Newest => _newest ??= ServerList.Current.Newest;

    /// <summary>The server the user named; null for the newest.</summary>
    private protected virtual ChatServer? ChosenServer => Server;

    /// <summary>The engine of the server an object belongs to, unless -Server names another one; ends the cmdlet when it does not run.</summary>
    /// <param name="server">The name of the object's server; null for an object of none.</param>
    private protected ChatEngine EngineOf(string? server) => EngineOf(ChosenServer ?? (server is null ? Newest : ServerList.Current.Named(server)));

    /// <summary>The engine of a server; ends the cmdlet when it does not run.</summary>
    private protected ChatEngine EngineOf(ChatServer? server)
    {
        if (server is null)
        {
            ThrowTerminatingError(ChatErrors.Record(ChatErrors.NoServer(), null));
        }
        else if (UnknownServer.NameOf(server) is { } name)
        {
            ThrowTerminatingError(ServerList.Current.IsAmbiguous(name) ? ChatErrors.ServerAmbiguous(name) : ChatErrors.Record(ChatErrors.ServerUnknown(name), name));
        }
        else if (server.State != ChatServerState.Running)
        {
            ThrowTerminatingError(ChatErrors.Record(ChatErrors.ServerStopped(server), server));
        }

        return ChatEngine.Of(server!);
    }

    /// <summary>What the engine hands out one by one. A failure ends the cmdlet.</summary>
    private protected IEnumerable<T> Each<T>(Func<CancellationToken, IEnumerable<T>> begin)
    {
        using IEnumerator<T> items = Await(token => Task.FromResult(begin(token).GetEnumerator()));
        while (Await(token => token.IsCancellationRequested ? Task.FromCanceled<bool>(token) : Task.FromResult(items.MoveNext())))
        {
            yield return items.Current;
        }
    }

    /// <summary>Writes to Verbose what happened with a peer.</summary>
    /// <param name="engine">The engine of the server that knows it.</param>
    /// <param name="peer">The peer, as it was.</param>
    /// <param name="after">The number of the last line that was told already.</param>
    /// <returns>The number of the last line now.</returns>
    private protected long TellStory(ChatEngine engine, ChatPeer peer, long after)
    {
        foreach (ChatStoryLine line in engine.StoryOf(peer.Fingerprint, after))
        {
            after = line.Number;
            WriteVerbose(FormattableString.Invariant($"{peer.Name}, {line.At.LocalDateTime:HH:mm:ss}: {line.Text}"));
        }

        return after;
    }

    /// <summary>The number of the last line of a peer's story.</summary>
    private protected static long EndOfStory(ChatEngine engine, ChatPeer peer) => engine.StoryOf(peer.Fingerprint, 0) is [.., ChatStoryLine last] ? last.Number : 0;

    /// <summary>The name of a peer from the pipeline, as if it had been typed; null when none came.</summary>
    private protected static string[]? NameOf(ChatPeer? peer) => peer is null ? null : [peer.Name];

    /// <summary>The peers that names and wildcards mean. A name that no peer has is an error of its own.</summary>
    private protected List<ChatPeer> SelectPeers(ChatEngine engine, IEnumerable<string> names, Func<ChatPeer, bool> byWildcard)
    {
        List<ChatPeer> peers = PeerSelection.Select(engine.GetPeers(), names, byWildcard, out List<string> unknown);
        foreach (string name in unknown)
        {
            WriteFailure(ChatErrors.PeerUnknown(name, engine.Server), name);
        }

        return peers;
    }
}
