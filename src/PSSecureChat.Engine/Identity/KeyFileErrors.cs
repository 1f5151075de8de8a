namespace PSSecureChat.Engine.Identity;

/// <summary>All that can be wrong with a key file, in the words a user reads.</summary>
internal static class KeyFileErrors
{
    private const string RestoreIt = "Restore the key file from a backup; without it the store cannot be read.";

    public static ChatException Damaged() => new(ChatErrorId.StoreDamaged, "The key file is damaged.", RestoreIt);

    public static ChatException CostOutOfBounds() => new(
        ChatErrorId.StoreDamaged,
        "The key file asks for more work than any file written by this program (at most 1 GiB, 10 passes, 16 lanes).",
        RestoreIt);

    public static ChatException TooNew() => new(
        ChatErrorId.StoreTooNew,
        "The key file was written by a newer version.",
        "Update the module.");

    public static ChatException WrongPassphrase() => new(
        ChatErrorId.WrongPassphrase,
        "The passphrase does not open the store.",
        "Try again; capital letters and the keyboard layout matter.");

    public static ChatException PassphraseNeeded() => new(
        ChatErrorId.PassphraseNeeded,
        "The store is protected by a passphrase.",
        "Give its passphrase.");

    public static ChatException PassphraseNotUsed() => new(
        ChatErrorId.PassphraseNeeded,
        "The store is not protected by a passphrase, but one was given.",
        "Leave the passphrase out. A store has the protection it was made with: for one with a passphrase, start with another -Path.");
}
