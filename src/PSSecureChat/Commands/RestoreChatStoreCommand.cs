using System.Management.Automation;
using System.Security;
using PSSecureChat.Engine;
using PSSecureChat.Internal;

namespace PSSecureChat.Commands;

/// <summary>Makes a new store from a backup.</summary>
/// <remarks>
/// <para>The store is there whole or not at all, and replaces nothing. Start-ChatServer opens it as it opened the original. Peers see the same identity; handshakes are fresh, and nothing that was sent before is sent again.</para>
/// <para>A store is restored with the protection it had: one with a passphrase asks for that passphrase again, and one without is again without one. The passphrase of the backup protects the backup alone.</para>
/// <para>What the original received after the backup is not in it, and does not come again: its senders know it as delivered. When such a peer connects, Get-ChatPeer -Verbose tells how many messages that are; ask the peer for them.</para>
/// </remarks>
/// <example>
/// <para>Bring a server back.</para>
/// <code>
/// $passphrase = Read-Host -AsSecureString 'Passphrase of the backup'
/// $null = Start-ChatServer 127.0.0.1 -Name dora -Path ./dora
/// $null = Backup-ChatStore ./dora.backup $passphrase
/// Stop-ChatServer dora
/// Restore-ChatStore ./dora.backup $passphrase ./restored
/// Start-ChatServer 127.0.0.1 -Name dora -Path ./restored
/// </code>
/// </example>
/// <example>
/// <para>See where a store would be made.</para>
/// <code>Restore-ChatStore ./dora.backup (Read-Host -AsSecureString 'Passphrase of the backup') -Name dora -WhatIf</code>
/// </example>
/// <seealso cref="StartChatServerCommand"/>
[Cmdlet(VerbsData.Restore, "ChatStore", SupportsShouldProcess = true, DefaultParameterSetName = DestinationSet)]
[OutputType(typeof(DirectoryInfo))]
public sealed class RestoreChatStoreCommand : ChatCommand
{
    private const string DestinationSet = "Destination";
    private const string NameSet = "Name";

    /// <summary>The backup.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("FullName", "PSPath")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = string.Empty;

    /// <summary>The passphrase the backup was made with.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNull]
    public SecureString Passphrase { get; set; } = new();

    /// <summary>The folder of the new store, which must not be there yet: what Start-ChatServer is then given as -Path.</summary>
    [Parameter(Mandatory = true, Position = 2, ParameterSetName = DestinationSet)]
    [ValidateNotNullOrEmpty]
    public string Destination { get; set; } = string.Empty;

    /// <summary>The name of the server whose own folder the new store becomes.</summary>
    [Parameter(Mandatory = true, ParameterSetName = NameSet)]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = string.Empty;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        string path = FilePath(Path);
        string destination = ParameterSetName == NameSet
            ? Await(_ => Task.FromResult(ChatEngine.DefaultStorePath(Name)), Name)
            : FilePath(Destination);
        if (!ShouldProcess(destination))
        {
            return;
        }

        char[] passphrase = Secret.Read(Passphrase);
        try
        {
            if (passphrase.Length == 0)
            {
                ThrowTerminatingError(ChatErrors.Record(ChatErrors.PassphraseEmpty(), null));
            }

            AwaitCleared(token => ChatEngine.RestoreAsync(path, passphrase, destination, token), path);
        }
        finally
        {
            Array.Clear(passphrase);
        }

        WriteObject(new DirectoryInfo(destination));
    }
}
