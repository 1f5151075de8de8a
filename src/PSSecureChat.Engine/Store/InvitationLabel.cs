using System.Formats.Cbor;

namespace PSSecureChat.Engine.Store;

/// <summary>What an open invitation is listed under. Holds nothing of its secret but four bytes of a hash of the whole line.</summary>
/// <param name="Mark">The first characters of the line behind its prefix.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="Port">The port it names.</param>
/// <param name="Hosts">The hosts it names.</param>
internal sealed record InvitationLabel(string Mark, DateTimeOffset CreatedAt, int Port, IReadOnlyList<string> Hosts)
{
    /// <summary>The same as CBOR: an array of mark, time in milliseconds since 1970, port and an array of hosts.</summary>
    public byte[] Encoded { get; } = Encode(Mark, CreatedAt, Port, Hosts);

    /// <exception cref="CborContentException">It is not one.</exception>
    public static InvitationLabel Decode(byte[] encoded)
    {
        CborReader reader = new(encoded);
        reader.ReadStartArray();
        string mark = reader.ReadTextString();
        long createdAt = reader.ReadInt64();
        int port = reader.ReadInt32();
        List<string> hosts = [];
        reader.ReadStartArray();
        while (reader.PeekState() != CborReaderState.EndArray)
        {
            hosts.Add(reader.ReadTextString());
        }

        return new InvitationLabel(mark, DateTimeOffset.FromUnixTimeMilliseconds(createdAt), port, hosts);
    }

    private static byte[] Encode(string mark, DateTimeOffset createdAt, int port, IReadOnlyList<string> hosts)
    {
        CborWriter writer = new();
        writer.WriteStartArray(4);
        writer.WriteTextString(mark);
        writer.WriteInt64(createdAt.ToUnixTimeMilliseconds());
        writer.WriteInt32(port);
        writer.WriteStartArray(hosts.Count);
        foreach (string host in hosts)
        {
            writer.WriteTextString(host);
        }

        writer.WriteEndArray();
        writer.WriteEndArray();
        return writer.Encode();
    }
}
