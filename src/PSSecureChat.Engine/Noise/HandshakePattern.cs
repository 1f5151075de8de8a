using System.Collections.Immutable;

namespace PSSecureChat.Engine.Noise;

/// <summary>The tokens of Noise §7.1 and §9.2, and e1 and ekem1 of the hfs extension with a KEM.</summary>
internal enum Token
{
    E,
    S,
    EE,
    ES,
    SE,
    SS,
    Psk,
    E1,
    Ekem1,
}

/// <summary>A handshake pattern (Noise §7.1) as data: pre-messages and the tokens of each message, the initiator's first.</summary>
internal sealed class HandshakePattern
{
    /// <summary>XX (Noise §7.5).</summary>
    public static readonly HandshakePattern XX = new(
        "XX", [], [], [Token.E], [Token.E, Token.EE, Token.S, Token.ES], [Token.S, Token.SE]);

    /// <summary>XX with hybrid forward secrecy: the pattern of every ordinary conversation.</summary>
    public static readonly HandshakePattern XXhfs = new(
        "XXhfs",
        [],
        [],
        [Token.E, Token.E1],
        [Token.E, Token.EE, Token.Ekem1, Token.S, Token.ES],
        [Token.S, Token.SE]);

    /// <summary>The same with an invitation.</summary>
    public static readonly HandshakePattern XXhfsPsk0 = XXhfs.WithPsk(0);

    private readonly int[] _overheads;

    /// <param name="name">Pattern and modifiers as in Noise §8, for example "XXhfs+psk0".</param>
    /// <param name="initiatorPreMessage">Keys of the initiator known beforehand: S or nothing.</param>
    /// <param name="responderPreMessage">Keys of the responder known beforehand: S or nothing.</param>
    /// <param name="messages">The tokens of each message, the initiator's first.</param>
    public HandshakePattern(
        string name,
        ImmutableArray<Token> initiatorPreMessage,
        ImmutableArray<Token> responderPreMessage,
        params ImmutableArray<Token>[] messages)
    {
        Name = name;
        InitiatorPreMessage = initiatorPreMessage;
        ResponderPreMessage = responderPreMessage;
        Messages = [.. messages];
        PskCount = Messages.Sum(static message => message.Count(static token => token == Token.Psk));
        bool hybrid = Messages.Any(static message => message.Contains(Token.E1));
        ProtocolName = $"Noise_{name}_25519{(hybrid ? "+MLKEM768" : "")}_AESGCM_SHA256";
        _overheads = Overheads();
    }

    public string Name { get; }

    /// <summary>The protocol name of Noise §8, which enters the handshake hash.</summary>
    public string ProtocolName { get; }

    public ImmutableArray<Token> InitiatorPreMessage { get; }

    public ImmutableArray<Token> ResponderPreMessage { get; }

    public ImmutableArray<ImmutableArray<Token>> Messages { get; }

    /// <summary>How many pre-shared keys the handshake takes.</summary>
    public int PskCount { get; }

    /// <summary>
    /// The modifier psk0 … pskN (Noise §9.4): psk0 stands before the first message's tokens, pskN behind those of message
    /// N. Names follow Noise §8: the first modifier is appended, every further one after a '+', in alphabetical order.
    /// </summary>
    public HandshakePattern WithPsk(int placement)
    {
        string separator = Name.Any(char.IsAsciiLetterLower) ? "+" : "";
        int index = Math.Max(placement - 1, 0);
        ImmutableArray<Token> message = Messages[index];
        message = placement == 0 ? message.Insert(0, Token.Psk) : message.Add(Token.Psk);
        return new HandshakePattern(
            $"{Name}{separator}psk{placement}",
            InitiatorPreMessage,
            ResponderPreMessage,
            [.. Messages.SetItem(index, message)]);
    }

    /// <summary>The exact length of message <paramref name="index"/> (from 0) without its payload.</summary>
    public int Overhead(int index) => _overheads[index];

    private int[] Overheads()
    {
        int[] overheads = new int[Messages.Length];
        int tag = 0;
        for (int i = 0; i < overheads.Length; i++)
        {
            foreach (Token token in Messages[i])
            {
                overheads[i] += token switch
                {
                    Token.E => NoiseSizes.Dh,
                    Token.S => NoiseSizes.Dh + tag,
                    Token.E1 => NoiseSizes.KemPublicKey + tag,
                    Token.Ekem1 => NoiseSizes.KemCiphertext + tag,
                    _ => 0,
                };

                // Every token but these mixes a key; e does so only in a handshake with a psk (Noise §9.2).
                if (token is not (Token.S or Token.E1 or Token.E) || (token == Token.E && PskCount > 0))
                {
                    tag = NoiseSizes.Tag;
                }
            }

            overheads[i] += tag;
        }

        return overheads;
    }
}
