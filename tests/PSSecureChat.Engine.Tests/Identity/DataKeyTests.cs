using PSSecureChat.Engine.Identity;
using PSSecureChat.Engine.Tests.Conversations;

namespace PSSecureChat.Engine.Tests.Identity;

public class DataKeyTests
{
    // A reader that was lent out may derive in the very instant in which the store closes and wipes the key.
    [Fact]
    public void What_is_derived_from_a_key_that_is_being_wiped_is_the_right_thing_or_nothing()
    {
        byte[] secret = Noise.HandshakePair.Filled(DataKey.Size, 7);
        byte[] expected = new byte[DataKey.Size];
        using (DataKey key = new(secret))
        {
            key.Derive("salt"u8, "info"u8, expected);
        }

        int derived = 0;
        for (int i = 0; i < 2_000; i++)
        {
            DataKey key = new(secret);
            using Barrier together = new(2);
            Thread other = new(() =>
            {
                together.SignalAndWait(TwoPeers.Patience);
                Thread.SpinWait(i % 100); // the instant in which it is wiped goes through all of the derivation
                key.Dispose();
            });
            other.Start();
            byte[] output = new byte[DataKey.Size];
            together.SignalAndWait(TwoPeers.Patience);
            try
            {
                key.Derive("salt"u8, "info"u8, output);
                derived++;
                Assert.Equal(expected, output);
            }
            catch (ObjectDisposedException)
            {
                // nothing
            }

            other.Join();
        }

        Assert.InRange(derived, 1, 2_000);
    }

    [Fact]
    public void Nothing_is_derived_from_a_wiped_key()
    {
        DataKey key = new(Noise.HandshakePair.Filled(DataKey.Size, 7));
        key.Dispose();
        Assert.Throws<ObjectDisposedException>(() => key.Derive(default, default, new byte[DataKey.Size]));
    }
}
