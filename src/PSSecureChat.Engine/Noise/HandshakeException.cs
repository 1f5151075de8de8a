namespace PSSecureChat.Engine.Noise;

/// <summary>
/// A handshake message from outside was not acceptable. There is one message and no detail, whatever the cause (length,
/// tag, public key, encapsulation key), so that neither a log nor a reply can become an oracle.
/// </summary>
internal sealed class HandshakeException : Exception
{
    private const string TheMessage = "The handshake message was refused.";

    public HandshakeException()
        : base(TheMessage)
    {
    }
}
