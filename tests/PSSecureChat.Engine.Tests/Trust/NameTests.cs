using PSSecureChat.Engine.Identity;
using PSSecureChat.Engine.Network;
using PSSecureChat.Engine.Noise;
using PSSecureChat.Engine.Store;
using PSSecureChat.Engine.Tests.Conversations;

namespace PSSecureChat.Engine.Tests.Trust;

/// <summary>Nobody becomes somebody you know by what it calls itself.</summary>
public class NameTests
{
    private readonly IdentityKey _own = NewKey();

    [Theory]
    [InlineData("ana", "ana")]
    [InlineData("ana", "ANA")]
    [InlineData("ana", "аna")] // Cyrillic a
    [InlineData("ana", "ａｎａ")] // full width
    [InlineData("ana", "ΑΝΑ")] // Greek capitals
    [InlineData("ana", "𝐚na")] // mathematical
    [InlineData("ana", "ªna")] // superscript
    [InlineData("ana", "ᴀɴᴀ")] // small capitals
    [InlineData("oscar", "օscar")] // Armenian o
    [InlineData("paypal", "раураӏ")] // Cyrillic all through
    [InlineData("Ian", "lan")]
    [InlineData("bot1", "botl")]
    [InlineData("root0", "rootO")]
    [InlineData("carnot", "camot")]
    [InlineData("Νίκος", "Nίκος")] // Greek, the first letter Latin
    [InlineData("Иван", "Ивaн")] // Cyrillic, one letter Latin
    [InlineData("josé", "jоsé")] // Cyrillic o, an accent
    public void A_name_that_looks_like_a_known_one_gets_a_mark_of_its_key(string known, string other)
    {
        other = other.Normalize();
        Assert.True(PeerName.IsUsable(known) && PeerName.IsUsable(other));
        foreach ((string first, string second) in new[] { (known, other), (other, known) })
        {
            PeerBook book = new(_own, [Record(1, first)]);
            IdentityKey stranger = NewKey();
            Assert.Equal($"{second}~{stranger.Fingerprint[..4]}", book.GetOrAdd(stranger, second, isRequest: false).Label);
        }
    }

    [Theory]
    [InlineData("ana", "anna")]
    [InlineData("ana", "áná")]
    [InlineData("Иван", "Ivan")]
    [InlineData("ana", "ano")]
    [InlineData("pc1", "pc2")]
    [InlineData("Νίκος", "Nikos")]
    public void A_name_that_looks_different_stays_as_it_is(string known, string other)
    {
        PeerBook book = new(_own, [Record(1, known)]);
        Assert.Equal(other, book.GetOrAdd(NewKey(), other, isRequest: true).Label);
    }

    [Fact]
    public void A_request_gives_up_also_a_name_that_only_looks_like_that_of_whom_our_user_dials()
    {
        PeerBook book = new(_own, []);
        Peer squatter = book.GetOrAdd(NewKey(), "аna", isRequest: true);
        Peer ana = book.GetOrAdd(NewKey(), "ana", isRequest: false);
        Assert.Equal(("ana", $"аna~{squatter.Identity.Fingerprint[..4]}"), (ana.Label, squatter.Label));
        book.Remove(ana);
        Assert.Equal("ANA", book.GetOrAdd(NewKey(), "ANA", isRequest: true).Label); // the name is free again
    }

    [Fact]
    public void Of_two_alike_in_a_store_the_older_one_keeps_the_name()
    {
        PeerRecord older = Record(1, "ana");
        PeerRecord newer = Record(2, "аna");
        PeerRecord same = Record(3, "ana");
        PeerBook book = new(_own, [older, newer, same]);
        Assert.Equal("ana", book.Find(older.Identity)!.Label);
        Assert.Equal($"аna~{newer.Identity.Fingerprint[..4]}", book.Find(newer.Identity)!.Label);
        Assert.Equal($"ana~{same.Identity.Fingerprint[..4]}", book.Find(same.Identity)!.Label);
    }

    [Fact]
    public void A_peer_that_could_not_be_deleted_comes_back_beside_the_one_that_has_its_name_now()
    {
        PeerRecord record = Record(1, "ana");
        PeerBook book = new(_own, [record]);
        Peer ana = book.Find(record.Identity)!;
        book.Remove(ana);
        Peer other = book.GetOrAdd(NewKey(), "ana", isRequest: false);
        book.Relist(ana);
        Assert.Equal(("ana", $"ana~{ana.Identity.Fingerprint[..4]}"), (other.Label, ana.Label));
        Assert.Same(ana, book.Find(record.Identity));
    }

    [Fact]
    public void A_key_that_takes_over_keeps_the_name_shown_and_a_request_of_that_key_loses_its_own()
    {
        PeerRecord first = Record(1, "ana");
        PeerRecord second = Record(2, "ana");
        PeerBook book = new(_own, [first, second]);
        Peer marked = book.Find(second.Identity)!;
        IdentityKey former = second.Identity;
        Peer asking = book.GetOrAdd(NewKey(), "carol", isRequest: true);
        Peer next = book.Succeed(marked, asking.Identity);
        Assert.Equal((marked.Label, second), (next.Label, next.Record));
        Assert.Equal("ana", book.Find(first.Identity)!.Label);
        Assert.Equal("carol", book.GetOrAdd(NewKey(), "carol", isRequest: true).Label);
        Assert.Equal(ChatErrorId.PeerAlreadyKnown, Assert.Throws<ChatException>(() => book.Succeed(next, first.Identity)).ErrorId);

        // The old key is a stranger from now on, whatever it calls itself.
        Peer back = book.GetOrAdd(former, "ana", isRequest: true);
        Assert.Null(back.Record);
        Assert.StartsWith("ana~", back.Label, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mark_cannot_be_a_name() => Assert.False(PeerName.IsUsable("ana~k3ja"));

    [Theory]
    [InlineData("carol")]
    [InlineData("саrоl")]
    [InlineData("somebody")]
    public async Task A_known_peer_that_calls_itself_something_new_stays_who_it_was(string name)
    {
        await using ChatEngine bob = await Party.StartAsync("bob");
        await using ChatEngine carol = await Party.StartAsync("carol");
        await bob.DialAsync(carol);
        using IdentityKeyPair identity = IdentityKeyPair.Generate(SystemRandomSource.Instance);
        await using (RawPeer first = await RawPeer.DialAsync(bob.Server.Port, identity, name: "ana"))
        {
            await first.FlowAsync();
        }

        await using RawPeer again = await RawPeer.DialAsync(bob.Server.Port, identity, name: name);
        await again.FlowAsync();
        await again.SendAsync(1, "it is me");
        await bob.UntilReceivedAsync(1);
        Assert.Equal(("ana", identity.PublicKey.Fingerprint), (TwoPeers.Inbox(bob).Single().From, TwoPeers.Inbox(bob).Single().PeerFingerprint));
        Assert.Equal(["ana", "carol"], bob.GetPeers().Select(peer => peer.Name));
        Assert.Equal(carol.Server.Fingerprint, bob.Peer("carol").Fingerprint);
    }

    private static IdentityKey NewKey()
    {
        using IdentityKeyPair pair = IdentityKeyPair.Generate(SystemRandomSource.Instance);
        return pair.PublicKey;
    }

    private static PeerRecord Record(long id, string label) => new() { Id = id, Identity = NewKey(), Label = label, Standing = PeerStanding.Accepted };
}
