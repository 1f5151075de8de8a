using System.Management.Automation;

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

    private void AssertError(string script, string id, ErrorCategory category)
    {
        ErrorRecord error = _session.Run(script).Error;
        Assert.Equal(id, error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal(category, error.CategoryInfo.Category);
        Assert.False(string.IsNullOrEmpty(error.ErrorDetails?.RecommendedAction), "no way out is named");
    }
}
