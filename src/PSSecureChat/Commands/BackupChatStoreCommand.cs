using System.Management.Automation;
using System.Security;
using PSSecureChat.Engine;
using PSSecureChat.Internal;

namespace PSSecureChat.Commands;

/// <summary>Writes identity, peers and messages of a running server into one encrypted file.</summary>
/// <remarks>
/// <para>The server goes on meanwhile; the file holds what was stored at one moment. It is complete or not there at all.</para>
/// <para>The passphrase protects the file alone and need not be that of the store. An ephemeral server has nothing to back up.</para>
/// </remarks>
/// <example>
/// <para>Back up a server that keeps its store.</para>
/// <code>
/// Start-ChatServer 127.0.0.1 -Name dora -Path ./dora
/// Backup-ChatStore ./dora.backup (Read-Host -AsSecureString 'Passphrase of the backup')
/// </code>
/// </example>
/// <example>
/// <para>Replace the backup of yesterday.</para>
/// <code>
/// $dora = Start-ChatServer 127.0.0.1 -Name dora -Path ./dora
/// $passphrase = Read-Host -AsSecureString 'Passphrase of the backup'
/// Backup-ChatStore ./dora.backup $passphrase -Server $dora
/// Backup-ChatStore ./dora.backup $passphrase -Server $dora -Force
/// </code>
/// <para>Without -Force a file that is there is an error.</para>
/// </example>
/// <seealso cref="StartChatServerCommand"/>
[Cmdlet(VerbsData.Backup, "ChatStore", SupportsShouldProcess = true)]
[OutputType(typeof(FileInfo))]
public sealed class BackupChatStoreCommand : ServerCommand
{
    /// <summary>The file to write.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = string.Empty;

    /// <summary>The passphrase that will open the backup. It need not be that of the store.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNull]
    public SecureString Passphrase { get; set; } = new();

    /// <summary>Replaces a file that is there. What is no file, such as a device, is never replaced.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        ChatEngine engine = Engine;
        string path = FilePath(Path);
        if (!ShouldProcess(path))
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

            AwaitCleared(token => engine.BackupAsync(path, passphrase, Force, token), path);
        }
        finally
        {
            Array.Clear(passphrase);
        }

        WriteObject(new FileInfo(path));
    }
}
