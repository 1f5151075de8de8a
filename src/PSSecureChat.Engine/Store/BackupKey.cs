using System.Security.Cryptography;
using PSSecureChat.Engine.Identity;
using PSSecureChat.Engine.Noise;

namespace PSSecureChat.Engine.Store;

/// <summary>The key of one backup file, derived from its passphrase. Takes a second and 256 MiB, so nothing is begun before it is there.</summary>
internal sealed class BackupKey : IDisposable
{
    /// <summary>Bytes of salt.</summary>
    public const int SaltSize = 16;

    private BackupKey(Argon2Cost cost, byte[] salt, AesGcm cipher)
    {
        Cost = cost;
        Salt = salt;
        Cipher = cipher;
    }

    /// <summary>What it was derived at.</summary>
    public Argon2Cost Cost { get; }

    /// <summary>What it was derived with, besides the passphrase.</summary>
    public byte[] Salt { get; }

    /// <summary>What seals and opens under it.</summary>
    public AesGcm Cipher { get; }

    /// <summary>The key of a new file.</summary>
    public static BackupKey Make(ReadOnlySpan<char> passphrase, Argon2Cost cost, IRandomSource random)
    {
        byte[] salt = new byte[SaltSize];
        random.Fill(salt);
        return Derive(passphrase, cost, salt);
    }

    /// <summary>The key of a file that has a salt.</summary>
    public static BackupKey Derive(ReadOnlySpan<char> passphrase, Argon2Cost cost, byte[] salt)
    {
        byte[] key = GC.AllocateArray<byte>(DataKey.Size, pinned: true);
        try
        {
            cost.DeriveKey(passphrase, salt, key);
            return new BackupKey(cost, salt, new AesGcm(key, NoiseSizes.Tag));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    public void Dispose() => Cipher.Dispose();
}
