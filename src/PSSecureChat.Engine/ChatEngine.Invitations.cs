using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Engine;

/// <summary>Invitations that are open.</summary>
public sealed partial class ChatEngine
{
    /// <summary>The invitations nobody has used yet, from memory, the oldest first.</summary>
    public IReadOnlyList<ChatInvitation> GetInvitations()
    {
        ThrowIfStopped();
        return
        [
            .. _network.Invitations.Select(open => new ChatInvitation
            {
                Id = open.Mark,
                Server = Server.Name,
                CreatedAt = open.Label?.CreatedAt.ToLocalTime(),
                ExpiresAt = open.ExpiresAt.ToLocalTime(),
                Address = open.Label?.Hosts ?? [],
                Port = open.Label?.Port ?? Server.Port,
            }),
        ];
    }

    /// <summary>Takes an open invitation back: from now on nobody gets in by it.</summary>
    /// <param name="id">What it is listed under, or the whole line.</param>
    /// <param name="cancellationToken">Ends the wait, not what was begun.</param>
    /// <exception cref="ChatException">InvitationUnknown.</exception>
    public Task WithdrawInvitationAsync(string id, CancellationToken cancellationToken) => DecideAsync(
        async () =>
        {
            string mark = Invitation.MarkOf(id);
            if (!await _network.WithdrawAsync(mark).ConfigureAwait(false))
            {
                throw ChatErrors.InvitationUnknown(mark);
            }
        },
        cancellationToken);

    /// <summary>What <see cref="GetInvitations"/> lists an invitation under; what is no invitation stays as it is.</summary>
    public static string InvitationIdOf(string text) => Invitation.MarkOf(text);
}
