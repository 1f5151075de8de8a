using System.Security.Cryptography;
using System.Text;
using Org.BouncyCastle.Crypto.Generators;
using Org.BouncyCastle.Crypto.Parameters;

namespace PSSecureChat.Engine.Identity;

/// <summary>The cost of one Argon2id computation (RFC 9106), and the computation.</summary>
/// <param name="MemoryKiB">m, in KiB.</param>
/// <param name="Iterations">t.</param>
/// <param name="Parallelism">p, lanes.</param>
internal readonly record struct Argon2Cost(int MemoryKiB, int Iterations, int Parallelism)
{
    /// <summary>What new files are sealed with: 256 MiB, t = 3, p = 4.</summary>
    public static readonly Argon2Cost Production = new(256 * 1024, 3, 4);

    /// <summary>No file is written with less memory than this: 64 MiB, the second choice of RFC 9106 §4.</summary>
    public const int MinMemoryKiBWhenWriting = 64 * 1024;

    /// <summary>What a file may ask for at most: 1 GiB, t = 10, p = 16. A forged file must not freeze the machine.</summary>
    public static readonly Argon2Cost Max = new(1024 * 1024, 10, 16);

    /// <summary>Within the bounds of RFC 9106 §3.1 and our own caps.</summary>
    public bool IsAcceptable =>
        Iterations >= 1 && Iterations <= Max.Iterations
        && Parallelism >= 1 && Parallelism <= Max.Parallelism
        && MemoryKiB >= 8 * Parallelism && MemoryKiB <= Max.MemoryKiB;

    /// <summary>Argon2id, version 0x13, of the passphrase as UTF-8, without secret or associated data.</summary>
    /// <remarks>
    /// The passphrase is taken as typed: normalising it would give other bytes on machines that run without ICU, and a
    /// store must open everywhere. BouncyCastle clears its memory matrix when it is done.
    /// </remarks>
    public void DeriveKey(ReadOnlySpan<char> passphrase, byte[] salt, byte[] key)
    {
        byte[] password = GC.AllocateArray<byte>(Encoding.UTF8.GetByteCount(passphrase), pinned: true);
        try
        {
            Encoding.UTF8.GetBytes(passphrase, password);
            Argon2BytesGenerator generator = new(Task.Factory);
            generator.Init(new Argon2Parameters.Builder(Argon2Parameters.Argon2id)
                .WithVersion(Argon2Parameters.Version13)
                .WithMemoryAsKB(MemoryKiB)
                .WithIterations(Iterations)
                .WithParallelism(Parallelism)
                .WithSalt(salt)
                .Build());
            _ = generator.GenerateBytes(password, key);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(password);
        }
    }
}
