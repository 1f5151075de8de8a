using System.Management.Automation;
using System.Security;
using PSSecureChat.Engine;
using PSSecureChat.Internal;

namespace PSSecureChat.Commands;

/// <summary>Writes identity, peers and messages of a running server into one encrypted file. The server goes on meanwhile.</summary>
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

    /// <summary>Replaces a file that is there.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        ChatEngine engine = Engine;
        string path = SessionState.Path.GetUnresolvedProviderPathFromPSPath(Path);
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

            Await(token => engine.BackupAsync(path, passphrase, Force, token), path);
        }
        finally
        {
            Array.Clear(passphrase);
        }

        WriteObject(new FileInfo(path));
    }
}
