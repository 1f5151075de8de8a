namespace PSSecureChat.Engine.Wire;

/// <summary>The eight bytes a dialler sends first: "PSSC", version, suite, two zero bytes.</summary>
internal static class Preface
{
    /// <summary>Bytes of a preface.</summary>
    public const int Length = 8;

    /// <summary>Version 1, suite 1: Noise_XXhfs_25519+MLKEM768_AESGCM_SHA256.</summary>
    public static ReadOnlySpan<byte> Bytes => [(byte)'P', (byte)'S', (byte)'S', (byte)'C', 1, 1, 0, 0];

    /// <summary>Version 1, suite 2: Noise_XXhfs+psk0_25519+MLKEM768_AESGCM_SHA256, for who brings an invitation.</summary>
    public static ReadOnlySpan<byte> Invited => [(byte)'P', (byte)'S', (byte)'S', (byte)'C', 1, 2, 0, 0];

    /// <summary>The Noise prologue of suite 1.</summary>
    public static byte[] Prologue() => Prologue(Bytes);

    /// <summary>The Noise prologue: "PSSecureChat/1" and the preface.</summary>
    public static byte[] Prologue(ReadOnlySpan<byte> preface) => [.. "PSSecureChat/1"u8, .. preface];

    /// <summary>Whether the bytes are those of some version of this protocol.</summary>
    public static bool IsOurs(ReadOnlySpan<byte> preface) => preface.Length >= 4 && preface[..4].SequenceEqual(Bytes[..4]);
}
