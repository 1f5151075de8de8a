namespace PSSecureChat.Faults.Fuzz;

/// <summary>Makes inputs: one in eight is random bytes, the others are valid ones changed in a few places.</summary>
internal sealed class Mutator(int seed, IReadOnlyList<byte[]> valid)
{
    // Values at which parsers decide: signs, the lengths and types of CBOR, the ends of ranges.
    private static readonly byte[] s_edges = [0x00, 0x01, 0x17, 0x18, 0x19, 0x1A, 0x1B, 0x1F, 0x20, 0x3B, 0x40, 0x58, 0x5A, 0x5B, 0x5F, 0x60, 0x78, 0x7B, 0x7F, 0x80, 0x9B, 0x9F, 0xA0, 0xBB, 0xBF, 0xC0, 0xDB, 0xF4, 0xF6, 0xFB, 0xFE, 0xFF];
    private readonly Random _random = new(seed);

    /// <summary>The next input.</summary>
    public byte[] Next()
    {
        if (_random.Next(8) == 0)
        {
            byte[] noise = new byte[_random.Next((int)_random.Magnitude(2_000) + 1)];
            _random.NextBytes(noise);
            return noise;
        }

        List<byte> bytes = [.. Pick()];
        for (int changes = (int)_random.Magnitude(12); changes > 0; changes--)
        {
            Change(bytes);
        }

        return [.. bytes];
    }

    private byte[] Pick() => valid[_random.Next(valid.Count)];

    private void Change(List<byte> bytes)
    {
        int at = _random.Next(bytes.Count + 1);
        int some = (int)_random.Magnitude(32);
        switch (_random.Next(9))
        {
            case 0 or 1 when at < bytes.Count:
                bytes[at] ^= (byte)(1 << _random.Next(8));
                break;
            case 2 or 3 when at < bytes.Count:
                bytes[at] = s_edges[_random.Next(s_edges.Length)];
                break;
            case 4 when at < bytes.Count:
                bytes[at] = (byte)_random.Next(256);
                break;
            case 5:
                bytes.InsertRange(at, Enumerable.Repeat(s_edges[_random.Next(s_edges.Length)], some));
                break;
            case 6:
                bytes.RemoveRange(at, Math.Min(some, bytes.Count - at));
                break;
            case 7:
                bytes.InsertRange(at, bytes.GetRange(at, Math.Min(some, bytes.Count - at)));
                break;
            default:
                byte[] other = Pick(); // the end of another
                int from = _random.Next(other.Length + 1);
                bytes.RemoveRange(at, bytes.Count - at);
                bytes.AddRange(other.AsSpan(from));
                break;
        }
    }
}
