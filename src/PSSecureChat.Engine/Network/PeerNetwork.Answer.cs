using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using PSSecureChat.Engine.Identity;
using PSSecureChat.Engine.Noise;
using PSSecureChat.Engine.Store;
using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Engine.Network;

/// <summary>Those who dial us.</summary>
internal sealed partial class PeerNetwork
{
    // Those who dial us. Must not throw: it runs on its own.
    private async Task AnswerAsync(Socket socket, CancellationToken cancellationToken)
    {
        socket.NoDelay = true;
        string host = (socket.RemoteEndPoint as IPEndPoint)?.Address is IPAddress remote
            ? (remote.IsIPv4MappedToIPv6 ? remote.MapToIPv4() : remote).ToString()
            : "unknown";
        NetworkStream stream = new(socket, ownsSocket: true);
        try
        {
            SecureSession? session = await Handshake.AcceptAsync(stream, _local, _invitations, IsSilent, host, cancellationToken).ConfigureAwait(false);
            if (session is not null)
            {
                await WelcomeAsync(session, cancellationToken).ConfigureAwait(false);
                return;
            }
        }
        catch (Exception) // a stranger's bytes end here, whatever they did: it did not become a peer, and learns nothing more
        {
        }

        await stream.DisposeAsync().ConfigureAwait(false);
    }

    // Who takes nobody but the invited and knows nobody has nothing to say to others.
    private bool IsSilent => _acceptFrom == ChatAcceptance.Invited && !Book.All.Any(peer => peer.Record is { IsBlocked: false });

    private async Task WelcomeAsync(SecureSession session, CancellationToken cancellationToken)
    {
        string name = session.Profile!.Value.Name;
        Peer? peer = Book.Find(session.Remote);
        if (peer is not null && !peer.MayBegin(_limits, _time))
        {
            session.Dispose();
            return;
        }

        bool blocked = peer is { IsBlocked: true };
        if (session.Invitation is not null)
        {
            peer = blocked ? null : await AdmitInvitedAsync(session, name, cancellationToken).ConfigureAwait(false);
            if (peer is null)
            {
                session.Dispose();
                return;
            }
        }

        bool known = peer?.Record is not null;
        bool refused = blocked || (!known && _acceptFrom is ChatAcceptance.Known or ChatAcceptance.Invited);
        if (refused && _acceptFrom == ChatAcceptance.Invited)
        {
            session.Dispose();
            return;
        }

        if (_conversations.Count >= _limits.Conversations && session.Invitation is null && peer is not { Conversation: not null } and not { Record.Trust: ChatTrust.Verified })
        {
            session.Dispose(); // those who are here, and those our user has verified, come before who else dials
            return;
        }

        bool waits = !known && !refused && _acceptFrom == ChatAcceptance.Request;
        Conversation conversation = Begin(session, waits, out Task<ConversationEnd> end, refused);
        try
        {
            await conversation.Established.WaitAsync(cancellationToken).ConfigureAwait(false);
            if (refused)
            {
                conversation.Close(CloseReason.Refused);
                return;
            }

            if (waits)
            {
                peer = Ask(session.Remote, name);
            }
            else if (!known)
            {
                peer = await KnowAsync(session.Remote, name, null, false, null, cancellationToken).ConfigureAwait(false);
            }

            if (peer!.Record is PeerRecord record)
            {
                await SeenAtAsync(record, session.Address, cancellationToken).ConfigureAwait(false);
            }

            if (!Attach(peer, conversation, end))
            {
                // blocked, deleted or replaced since we looked, or a request that made room at once
                conversation.Close(peer.Record is null ? CloseReason.RequestDropped : CloseReason.Refused);
            }
        }
        catch
        {
            conversation.Abort();
            throw;
        }
    }

    // A stranger asks to be let in. When too many wait, those who came first make room.
    private Peer Ask(IdentityKey identity, string name)
    {
        Peer asking;
        List<Peer> dropped = [];
        lock (_requests)
        {
            if (Book.Find(identity) is null)
            {
                List<Peer> waiting = [.. Book.All.Where(peer => peer is { Record: null, Chosen: false }).OrderBy(peer => peer.RequestNumber)];
                dropped.AddRange(waiting.Take(Math.Max(0, waiting.Count + 1 - _limits.Requests)).Where(Book.RemoveRequest));
            }

            asking = Book.GetOrAdd(identity, name, isRequest: true);
            if (asking.RequestNumber == 0)
            {
                asking.RequestNumber = ++_lastRequest;
            }
        }

        dropped.ForEach(peer => peer.Conversation?.Close(CloseReason.RequestDropped));
        return asking;
    }
}
