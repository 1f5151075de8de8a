using System.Diagnostics;
using System.Management.Automation;
using System.Reflection;

namespace PSSecureChat.ModuleTests;

/// <summary>What -Path and -Passphrase promise.</summary>
public sealed class StoreTests : IDisposable
{
    private const string Secret = "$secret = [securestring]::new(); 'open sesame'.ToCharArray() | ForEach-Object { $secret.AppendChar($_) }";

    private readonly string _folder = Directory.CreateTempSubdirectory("pssc-").FullName;
    private readonly Session _session = Session.Start();

    public StoreTests() => _session.Runspace.SessionStateProxy.Path.SetLocation(_folder);

    public void Dispose()
    {
        _session.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void A_server_keeps_its_identity_and_its_messages_in_the_folder_given()
    {
        _session.Run("""
            $first = Start-ChatServer 127.0.0.1 0 alice -Path keep -AcceptFrom Anyone
            $bob = Start-ChatServer 127.0.0.1 0 bob -Ephemeral
            $null = Connect-ChatPeer $first.Endpoint
            $null = Send-ChatMessage alice hi -WaitFor Delivered
            Get-ChatServer | Stop-ChatServer
            $again = Start-ChatServer 127.0.0.1 0 alice -Path keep
            """);

        Assert.Equal(["output: True"], _session.Run("$first.Fingerprint -eq $again.Fingerprint").Lines);
        Assert.Equal(["output: hi"], _session.Run("Get-ChatInbox -Unread | ForEach-Object Text").Lines);
        Assert.StartsWith(_folder, _session.Run("$again.Path").Output[0].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_passphrase_opens_the_store_and_another_one_does_not()
    {
        Assert.Equal(["output: alice"], _session.Run($"{Secret}; (Start-ChatServer 127.0.0.1 0 alice -Path keep -Passphrase $secret).Name; Stop-ChatServer").Lines);
        Assert.Equal(["output: alice"], _session.Run("(Start-ChatServer 127.0.0.1 0 alice -Path keep -Passphrase $secret).Name; Stop-ChatServer").Lines);

        AssertError("$secret.AppendChar('x'); Start-ChatServer 127.0.0.1 0 alice -Path keep -Passphrase $secret", "WrongPassphrase", ErrorCategory.AuthenticationError);
        AssertError("Start-ChatServer 127.0.0.1 0 alice -Path keep", "PassphraseNeeded", ErrorCategory.AuthenticationError);
    }

    [Fact]
    public void A_store_has_one_owner()
    {
        _session.Run("$null = Start-ChatServer 127.0.0.1 0 alice -Path keep");

        AssertError("Start-ChatServer 127.0.0.1 0 alice -Path keep", "StoreInUse", ErrorCategory.ResourceBusy);
    }

    [Fact]
    public void A_backup_goes_to_a_file_in_a_folder_that_is_there_and_never_replaces_a_device()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "folder"));
        string[] special = OperatingSystem.IsWindows() ? [] : ["./pipe"];
        foreach (string pipe in special)
        {
            using Process making = Process.Start("mkfifo", Path.Combine(_folder, pipe));
            Assert.True(making.WaitForExit(Session.Limit) && making.ExitCode == 0);
        }

        _session.Run($"{Secret}; $null = Start-ChatServer 127.0.0.1 0 alice -Path keep");

        foreach (string path in (string[])["./no/dir/x", "./folder", .. special])
        {
            AssertError($"Backup-ChatStore {path} $secret -Force", "DestinationNotUsable", ErrorCategory.ObjectNotFound);
            Assert.StartsWith("No backup can be written to ", _session.Run($"Backup-ChatStore {path} $secret -Force").Error.ErrorDetails.Message, StringComparison.Ordinal);
        }

        Assert.Equal(2 + special.Length, Directory.GetFileSystemEntries(_folder).Length);

        // An empty file is replaced, and a full one.
        File.WriteAllBytes(Path.Combine(_folder, "x.backup"), []);
        Assert.Equal(2, _session.Run("Backup-ChatStore ./x.backup $secret -Force; Backup-ChatStore ./x.backup $secret -Force").Output.Count);
    }

    [Fact]
    public void On_a_full_disk_messages_are_shown_and_a_warning_says_that_they_stay_unread()
    {
        _session.Run("""
            $alice = Start-ChatServer 127.0.0.1 0 alice -Ephemeral
            $bob = Start-ChatServer 127.0.0.1 0 bob -Path keep -AcceptFrom Anyone -ReadReceipts
            $null = Connect-ChatPeer $bob.Endpoint -Server $alice
            1..1000 | Send-ChatMessage bob -Server $alice -WaitFor Delivered
            """);
        _session.Until("(Get-ChatPeer alice -Server $bob).Unread -eq 1000");
        Disconnect(); // so that the receipts have to be stored

        FillDisk(1);
        Transcript shown = _session.Run("$inbox = Get-ChatInbox -Server $bob; $inbox.Count");
        Assert.Contains("output: 1000", shown.Lines);
        Assert.Contains("The disk that holds", Assert.Single(shown.Lines, line => line.StartsWith("warning: ", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.NotEqual(["output: 0"], _session.Run("(Get-ChatPeer alice -Server $bob).Unread").Lines);

        FillDisk(int.MaxValue / 2);
        Assert.Equal(["output: 1000"], _session.Run("$inbox = Get-ChatInbox -Server $bob; $inbox.Count").Lines);
        Assert.Equal(["output: 0"], _session.Run("(Get-ChatPeer alice -Server $bob).Unread").Lines);
    }

    private void Disconnect()
    {
        _session.Run("Stop-ChatServer $alice");
        _session.Until("(Get-ChatPeer alice -Server $bob).State -eq 'Offline'");
    }

    // Lets the database of $bob grow to so many pages: the engine has no other door to a full disk.
    private void FillDisk(int pages)
    {
        const BindingFlags any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
        object server = ((PSObject)_session.Runspace.SessionStateProxy.GetVariable("bob")).BaseObject;
        object engine = server.GetType().GetProperty("Engine", any)!.GetValue(server)!;
        object store = engine.GetType().GetField("_store", any)!.GetValue(engine)!;
        object writer = store.GetType().GetProperty("Writer", any)!.GetValue(store)!;
        Action<object> fill = session => session.GetType().GetMethod("SetMostPagesForTestingOnly", any)!.Invoke(session, [pages]);
        Task done = (Task)writer.GetType().GetMethod("RunAsync", any)!.Invoke(writer, [fill, CancellationToken.None])!;
        Assert.True(done.Wait(Session.Limit));
    }

    private void AssertError(string script, string id, ErrorCategory category)
    {
        ErrorRecord error = _session.Run(script).Error;
        Assert.Equal(id, error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal(category, error.CategoryInfo.Category);
        Assert.False(string.IsNullOrEmpty(error.ErrorDetails?.RecommendedAction), "no way out is named");
    }
}
