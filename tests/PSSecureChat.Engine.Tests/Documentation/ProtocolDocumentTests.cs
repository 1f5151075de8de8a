using PSSecureChat.Engine.Identity;
using PSSecureChat.Engine.Network;
using PSSecureChat.Engine.Noise;
using PSSecureChat.Engine.Wire;

namespace PSSecureChat.Engine.Tests.Documentation;

/// <summary>docs/protocol.md says what the engine does; these hold the two together.</summary>
public class ProtocolDocumentTests
{
    /// <remarks>
    /// To renew the document after a change of the protocol:
    /// PSSECURECHAT_RENEW_PROTOCOL_EXAMPLE=1 dotnet test tests/PSSecureChat.Engine.Tests --filter ProtocolDocumentTests
    /// </remarks>
    [Fact]
    public async Task The_example_is_what_the_engine_puts_on_the_wire()
    {
        IReadOnlyDictionary<string, string> made = await ProtocolExample.MakeAsync();
        ProtocolDocument document = ProtocolDocument.Read();
        if (Environment.GetEnvironmentVariable(ProtocolDocument.RenewVariable) == "1")
        {
            document.Renew(made);
            document = ProtocolDocument.Read();
        }

        Dictionary<string, string> said = document.Values();
        Assert.Equal(made.Keys.Order(), said.Keys.Order());
        Assert.All(made, value => Assert.Equal((value.Key, value.Value), (value.Key, said[value.Key])));
    }

    public static TheoryData<string, long> Limits_of_the_protocol => new()
    {
        { "Preface", Preface.Length },
        { "Prologue", Preface.Prologue().Length },
        { "Certificate", StaticKeyCertificate.Size },
        { "Message 1", NoiseSizes.MessageOne },
        { "Message 1 with an invitation", NoiseSizes.MessageOneWithPsk0 },
        { "Message 2", Handshake.MessageTwo },
        { "Message 3, smallest", NoiseSizes.MessageThreeOverhead + StaticKeyCertificate.Size },
        { "Message 3, largest", Handshake.MaxMessageThree },
        { "Payload of message 3, largest", Limits.MaxHandshakePayload },
        { "Plaintext of a record, a multiple of", Limits.PaddingBlock },
        { "Plaintext of a record, largest", Limits.MaxRecordPlaintext },
        { "Length field of a record, smallest", Limits.PaddingBlock + Limits.Tag },
        { "Length field of a record, largest", Limits.MaxRecordPlaintext + Limits.Tag },
        { "Map of a frame, largest", Limits.MaxFrame },
        { "Map of a frame before messages flow, largest", Limits.MaxEarlyFrame },
        { "Nesting inside an unknown value", Limits.MaxFrameDepth },
        { "Text of a message, largest", Limits.MaxTextBytes },
        { "Kind of a message, largest", Limits.MaxMessageKind },
        { "Nesting of the JSON of an object", Limits.MaxObjectDepth },
        { "Values in the JSON of an object, most", Limits.MaxObjectValues },
        { "Name, largest", PeerName.MaxBytes },
        { "Capabilities, most", Limits.MaxCapabilities },
        { "CBOR of an invitation, largest", Limits.MaxInvitation },
        { "Hosts of an invitation, most", Limits.MaxInvitationHosts },
        { "Ids in a Read, most", Limits.MaxReadIds },
        { "Name of a file, largest", Limits.MaxFileNameBytes },
        { "Data of a FileData, largest", Limits.MaxFileChunk },
        { "Open offers of files, most", Limits.OpenOffers },
        { "Keys in use for messages before the dialler renews them", (long)Limits.Default.RekeyAfter.TotalSeconds },
        { "Keys in use for messages before the connection ends", (long)Limits.Default.RekeyOverdue.TotalSeconds },
        { "Records in one direction before the dialler renews the keys", Limits.Default.RekeyRecords },
        { "Plaintext in one direction before the dialler renews the keys", Limits.Default.RekeyBytes },
        { "Life of a certificate, longest", StaticKeyCertificate.Lifetime },
        { "Allowance for clocks", StaticKeyCertificate.ClockSkew },
    };

    [Theory]
    [MemberData(nameof(Limits_of_the_protocol))]
    public void Every_limit_of_the_protocol_stands_in_its_table(string name, long value) =>
        Assert.Contains($"| {name} | {value} |", ProtocolDocument.Read().Text, StringComparison.Ordinal);
}
