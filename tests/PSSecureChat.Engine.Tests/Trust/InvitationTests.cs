using System.Net.Sockets;
using PSSecureChat.Engine.Noise;
using PSSecureChat.Engine.Store;
using PSSecureChat.Engine.Tests.Conversations;
using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Engine.Tests.Trust;

public sealed class InvitationTests : IDisposable
{
    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);
    private readonly string _root = Directory.CreateTempSubdirectory("pssc-").FullName;

    private string BobPath => Path.Combine(_root, "bob");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData(ChatAcceptance.Request)]
    [InlineData(ChatAcceptance.Known)]
    [InlineData(ChatAcceptance.Invited)]
    public async Task An_invited_stranger_is_taken_at_once_and_both_sides_are_verified(ChatAcceptance accept)
    {
        await using ChatEngine bob = await Party.StartAsync("bob", accept);
        await using ChatEngine ana = await Party.StartAsync("ana");
        string line = await InviteAsync(bob);
        ChatPeer peer = await ana.ConnectAsync($"  {line[..40]}\r\n{line[40..]} ", null, null, TwoPeers.Patience);
        Assert.Equal(("bob", bob.Server.Fingerprint, ChatTrust.Verified), (peer.Name, peer.Fingerprint, peer.Trust));
        await WireTests.DeliverAsync(ana, "bob", "hello");
        Assert.Equal((ana.Server.Fingerprint, ChatTrust.Verified), (bob.Peer("ana").Fingerprint, bob.Peer("ana").Trust));
    }

    [Fact]
    public async Task A_stranger_without_an_invitation_learns_what_may_be_the_reason()
    {
        await using ChatEngine bob = await Party.StartAsync("bob", ChatAcceptance.Invited);
        await using ChatEngine ana = await Party.StartAsync("ana");
        await using ChatEngine carol = await Party.StartAsync("carol");
        ChatException silent = await Assert.ThrowsAsync<ChatException>(() => carol.DialAsync(bob)); // who knows nobody says nothing
        Assert.Equal(ChatErrorId.NotAChatPeer, silent.ErrorId);
        Assert.Contains("answers only the invited", silent.Message, StringComparison.Ordinal);

        await ana.ConnectAsync(await InviteAsync(bob), null, null, TwoPeers.Patience);
        ChatException refused = await Assert.ThrowsAsync<ChatException>(() => carol.DialAsync(bob));
        Assert.Equal(ChatErrorId.ConnectionLost, refused.ErrorId);
        Assert.Contains("without a word once it knew who dials", refused.Message, StringComparison.Ordinal);
        Assert.Contains("only those it has invited or knows", refused.Recommendation, StringComparison.Ordinal);
        Assert.Contains("too many connections", refused.Recommendation, StringComparison.Ordinal);
        Assert.Empty(carol.GetPeers());
    }

    [Fact]
    public async Task A_used_invitation_never_works_again_not_even_after_a_restart()
    {
        string line;
        int port;
        await using ChatEngine ana = await Party.StartAsync("ana");
        await using ChatEngine carol = await Party.StartAsync("carol");
        await using (ChatEngine bob = await Party.StartAsync("bob", ChatAcceptance.Known, path: BobPath))
        {
            port = bob.Server.Port;
            line = await InviteAsync(bob);
            await ana.ConnectAsync(line, null, null, TwoPeers.Patience);
            Assert.Equal(ChatErrorId.InvitationRefused, await Party.ErrorOfAsync(() => carol.ConnectAsync(line, null, null, TwoPeers.Patience)));
        }

        await using ChatEngine again = await Party.StartAsync("bob", ChatAcceptance.Known, path: BobPath, port: port);
        ChatException error = await Assert.ThrowsAsync<ChatException>(() => carol.ConnectAsync(line, null, null, TwoPeers.Patience));
        Assert.Equal(ChatErrorId.InvitationRefused, error.ErrorId);
        Assert.DoesNotContain(line, error.ToString() + error.Recommendation + error.Target, StringComparison.Ordinal);
        Assert.Equal("ana", Assert.Single(again.GetPeers()).Name);
        Assert.Empty(carol.GetPeers());
    }

    [Fact]
    public async Task An_invitation_outlives_the_server_that_gave_it_and_its_secret_is_not_on_the_disk()
    {
        string line;
        int port;
        await using (ChatEngine bob = await Party.StartAsync("bob", ChatAcceptance.Invited, path: BobPath))
        {
            port = bob.Server.Port;
            line = await InviteAsync(bob);
        }

        using Invitation invitation = Invitation.Parse(line);
        string secret = System.Text.Encoding.Latin1.GetString(invitation.Secret.Bytes);
        foreach (string file in Directory.GetFiles(BobPath))
        {
            Assert.DoesNotContain(secret, System.Text.Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file, TwoPeers.Patience)), StringComparison.Ordinal);
        }

        await using ChatEngine again = await Party.StartAsync("bob", ChatAcceptance.Invited, path: BobPath, port: port);
        await using ChatEngine ana = await Party.StartAsync("ana");
        Assert.Equal(ChatTrust.Verified, (await ana.ConnectAsync(line, null, null, TwoPeers.Patience)).Trust);
    }

    [Fact]
    public async Task An_expired_invitation_does_not_work_not_even_when_the_clock_goes_back()
    {
        SetClock clock = new();
        await using ChatEngine bob = await Party.StartAsync("bob", ChatAcceptance.Invited, path: BobPath, time: clock);
        await using ChatEngine ana = await Party.StartAsync("ana");
        await using ChatEngine late = await Party.StartAsync("late", time: clock);
        string line = await InviteAsync(bob);
        clock.Offset = TimeSpan.FromHours(2);
        await InviteAsync(bob); // whatever looks at them forgets those whose time is over
        Assert.Equal(ChatErrorId.InvitationExpired, await Party.ErrorOfAsync(() => late.ConnectAsync(line, null, null, TwoPeers.Patience)));
        clock.Offset = TimeSpan.Zero;
        Assert.Equal(ChatErrorId.InvitationRefused, await Party.ErrorOfAsync(() => ana.ConnectAsync(line, null, null, TwoPeers.Patience)));
        clock.Offset = TimeSpan.FromDays(40);
        Assert.Equal(ChatErrorId.InvitationExpired, await Party.ErrorOfAsync(() => late.ConnectAsync(line, null, null, TwoPeers.Patience)));
    }

    [Fact]
    public async Task Of_many_who_race_with_one_invitation_one_gets_in()
    {
        await using ChatEngine bob = await Party.StartAsync("bob", ChatAcceptance.Invited);
        string line = await InviteAsync(bob);
        ChatEngine[] racers = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Party.StartAsync($"racer{i}")));
        Exception?[] ends = await Task.WhenAll(racers.Select(racer => Record.ExceptionAsync(() => racer.ConnectAsync(line, null, null, TwoPeers.Patience)).AsTask()));
        Assert.Single(ends, end => end is null);
        Assert.All(ends.Where(end => end is not null), end => Assert.Equal(ChatErrorId.InvitationRefused, Assert.IsType<ChatException>(end).ErrorId));
        Assert.Single(bob.GetPeers());
        await Task.WhenAll(racers.Select(racer => racer.StopAsync()));
    }

    [Fact]
    public async Task A_wrong_secret_gets_no_byte()
    {
        await using ChatEngine bob = await Party.StartAsync("bob");
        await InviteAsync(bob);
        using PreSharedKey wrong = new(new byte[32]);
        using X25519KeyPair key = X25519KeyPair.Generate(SystemRandomSource.Instance);
        using HandshakeState state = new(HandshakePattern.XXhfsPsk0, HandshakeRole.Initiator, Preface.Prologue(Preface.Invited), key, SystemRandomSource.Instance, null, wrong);
        byte[] first = new byte[Preface.Length + NoiseSizes.MessageOneWithPsk0];
        Preface.Invited.CopyTo(first);
        state.WriteMessage([], first.AsSpan(Preface.Length));
        Assert.Equal(0, await AnswerAsync(bob, first));
    }

    [Fact]
    public async Task A_server_for_the_invited_that_knows_nobody_answers_nothing_else_and_known_peers_later()
    {
        await using ChatEngine bob = await Party.StartAsync("bob", ChatAcceptance.Invited);
        await using ChatEngine ana = await Party.StartAsync("ana");
        await using ChatEngine carol = await Party.StartAsync("carol");
        byte[] first = [.. Preface.Bytes, .. new byte[NoiseSizes.MessageOne]];
        Assert.Equal(0, await AnswerAsync(bob, first));
        Assert.Equal(0, await AnswerAsync(bob, "PSSC\x02\x01\0\0"u8.ToArray()));
        Assert.Equal(ChatErrorId.NotAChatPeer, await Party.ErrorOfAsync(() => carol.DialAsync(bob)));

        await ana.ConnectAsync(await InviteAsync(bob), null, null, TwoPeers.Patience);
        await ana.DisconnectAsync(bob.Server.Fingerprint);
        await ana.DialAsync(bob); // without an invitation
        ChatException refused = await Assert.ThrowsAsync<ChatException>(() => carol.DialAsync(bob));
        Assert.Equal(ChatErrorId.ConnectionLost, refused.ErrorId); // and no word why
        Assert.Equal("ana", Assert.Single(bob.GetPeers()).Name);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(3, false)]
    public async Task As_many_invitations_are_open_as_the_limit_says(int number, bool fits)
    {
        Assert.Equal(32, Limits.Default.Invitations);
        await using ChatEngine bob = await Party.StartAsync("bob", limits: Party.Quick with { Invitations = 2 });
        string line = "";
        for (int i = 1; i < number; i++)
        {
            line = await InviteAsync(bob);
        }

        if (fits)
        {
            await InviteAsync(bob);
            return;
        }

        Assert.Equal(ChatErrorId.TooManyInvitations, await Party.ErrorOfAsync(() => InviteAsync(bob)));
        await using ChatEngine ana = await Party.StartAsync("ana");
        await ana.ConnectAsync(line, null, null, TwoPeers.Patience); // a used one makes room
        await InviteAsync(bob);
    }

    [Fact]
    public async Task Each_of_many_open_invitations_is_found()
    {
        await using ChatEngine bob = await Party.StartAsync("bob", ChatAcceptance.Invited);
        List<string> lines = [];
        for (int i = 0; i < 32; i++)
        {
            lines.Add(await InviteAsync(bob));
        }

        await using ChatEngine ana = await Party.StartAsync("ana");
        await using ChatEngine carol = await Party.StartAsync("carol");
        await ana.ConnectAsync(lines[31], null, null, TwoPeers.Patience);
        await carol.ConnectAsync(lines[0], null, null, TwoPeers.Patience);
        Assert.Equal(["ana", "carol"], bob.GetPeers().Select(peer => peer.Name));
    }

    [Fact]
    public async Task A_blocked_peer_gets_nowhere_with_an_invitation()
    {
        await using ChatEngine bob = await Party.StartAsync("bob");
        await using ChatEngine ana = await Party.StartAsync("ana");
        await ana.DialAsync(bob);
        await bob.UntilAsync("ana", ChatPeerState.Online);
        await bob.BlockAsync(ana.Server.Fingerprint, TwoPeers.Patience);
        string line = await InviteAsync(bob);
        Assert.Equal(ChatErrorId.InvitationRefused, await Party.ErrorOfAsync(() => ana.ConnectAsync(line, null, null, TwoPeers.Patience)));
        await using ChatEngine carol = await Party.StartAsync("carol");
        await carol.ConnectAsync(line, null, null, TwoPeers.Patience); // it was not spent
    }

    [Fact]
    public async Task An_invitation_at_the_address_of_another_known_peer_changes_nobody()
    {
        await using ChatEngine ana = await Party.StartAsync("ana");
        int port;
        await using (ChatEngine old = await Party.StartAsync("bob"))
        {
            port = old.Server.Port;
            await ana.DialAsync(old);
        }

        await using ChatEngine bob = await Party.StartAsync("bob", port: port);
        string line = await InviteAsync(bob);
        Assert.Equal(ChatErrorId.KeyChanged, await Party.ErrorOfAsync(() => ana.ConnectAsync(line, null, null, TwoPeers.Patience)));
        Assert.Single(ana.GetPeers());
        Assert.Empty(bob.GetPeers());
    }

    [Fact]
    public async Task Open_invitations_are_listed_without_their_secret_also_after_a_restart()
    {
        string line;
        ChatInvitation listed;
        await using (ChatEngine bob = await Party.StartAsync("bob", ChatAcceptance.Invited, path: BobPath))
        {
            line = await bob.InviteAsync(["192.0.2.7", "2001:db8::7"], 4711, s_hour, TwoPeers.Patience);
            await InviteAsync(bob);
            Assert.Equal(2, bob.GetInvitations().Count);
            listed = bob.GetInvitations()[0];
        }

        Assert.Equal((line[6..14], "bob", 4711), (listed.Id, listed.Server, listed.Port));
        Assert.Equal(["192.0.2.7", "2001:db8::7"], listed.Address);
        Assert.Equal(s_hour.TotalSeconds, (listed.ExpiresAt - listed.CreatedAt!.Value).TotalSeconds, tolerance: 1.0);
        await using ChatEngine again = await Party.StartAsync("bob", ChatAcceptance.Invited, path: BobPath);
        Assert.Equal(2, again.GetInvitations().Count);
        ChatInvitation kept = again.GetInvitations()[0];
        Assert.Equal((listed.Id, listed.ExpiresAt, listed.CreatedAt!.Value.ToUnixTimeMilliseconds()), (kept.Id, kept.ExpiresAt, kept.CreatedAt!.Value.ToUnixTimeMilliseconds()));
        Assert.Equal(listed.Address, kept.Address);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_withdrawn_invitation_lets_nobody_in_also_after_a_restart_and_the_others_do(bool byLine)
    {
        string line;
        string other;
        int port;
        await using (ChatEngine bob = await Party.StartAsync("bob", ChatAcceptance.Invited, path: BobPath))
        {
            port = bob.Server.Port;
            line = await InviteAsync(bob);
            other = await InviteAsync(bob);
            await bob.WithdrawInvitationAsync(byLine ? $" {line[..20]}\n{line[20..]}" : bob.GetInvitations()[0].Id, TwoPeers.Patience);
            Assert.Equal(other[6..14], Assert.Single(bob.GetInvitations()).Id);
            ChatException error = await Assert.ThrowsAsync<ChatException>(() => bob.WithdrawInvitationAsync(line, TwoPeers.Patience));
            Assert.Equal((ChatErrorId.InvitationUnknown, line[6..14]), (error.ErrorId, error.Target));
            Assert.DoesNotContain(line[..30], error.ToString(), StringComparison.Ordinal);
        }

        await using ChatEngine again = await Party.StartAsync("bob", ChatAcceptance.Invited, path: BobPath, port: port);
        await using ChatEngine ana = await Party.StartAsync("ana");
        Assert.Equal(ChatErrorId.InvitationRefused, await Party.ErrorOfAsync(() => ana.ConnectAsync(line, null, null, TwoPeers.Patience)));
        await ana.ConnectAsync(other, null, null, TwoPeers.Patience);
        Assert.Empty(again.GetInvitations());
        Assert.Equal(ChatErrorId.InvitationUnknown, await Party.ErrorOfAsync(() => again.WithdrawInvitationAsync(other, TwoPeers.Patience)));
    }

    [Fact]
    public async Task An_invitation_of_an_older_store_is_listed_by_its_number()
    {
        await using ChatStore store = ChatStore.Open(BobPath, default, Limits.Default, TimeProvider.System, static () => { }, static _ => { }, TwoPeers.Patience);
        using OpenInvitation old = new(7, new PreSharedKey(new byte[32]), DateTimeOffset.UnixEpoch.AddYears(200), null);
        await store.Writer.RunAsync(session => session.InsertInvitation(old), TwoPeers.Patience);
        await store.DisposeAsync();
        await using ChatEngine bob = await Party.StartAsync("bob", path: BobPath);
        ChatInvitation listed = Assert.Single(bob.GetInvitations());
        Assert.Equal(("7", null, 0), (listed.Id, listed.CreatedAt, listed.Address.Count));
        await bob.WithdrawInvitationAsync("7", TwoPeers.Patience);
        Assert.Empty(bob.GetInvitations());
    }

    private static Task<string> InviteAsync(ChatEngine engine) => engine.InviteAsync([], null, s_hour, TwoPeers.Patience);

    // How many bytes come back before the connection ends.
    private static async Task<int> AnswerAsync(ChatEngine engine, byte[] bytes)
    {
        using TcpClient client = new("127.0.0.1", engine.Server.Port);
        await client.GetStream().WriteAsync(bytes, TwoPeers.Patience);
        int count = 0;
        try
        {
            while (await client.GetStream().ReadAsync(new byte[1], TwoPeers.Patience) > 0)
            {
                count++;
            }
        }
        catch (IOException)
        {
            // a reset is an end, too
        }

        return count;
    }

    private sealed class SetClock : TimeProvider
    {
        public TimeSpan Offset { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Offset;
    }
}
