using System.Management.Automation;

namespace PSSecureChat.ModuleTests;

/// <summary>Where several servers run, an error says which one was asked, and how to ask another.</summary>
public sealed class AskedServerTests
{
    [Theory]
    [InlineData("Send-ChatMessage ghost hi", "No peer is named 'ghost' at the server 'bob'.")]
    [InlineData("Send-ChatFile ghost $Manifest", "No peer is named 'ghost' at the server 'bob'.")]
    [InlineData("Get-ChatPeer ghost", "No peer is named 'ghost' at the server 'bob'.")]
    [InlineData("Get-ChatInbox ghost", "No peer is named 'ghost' at the server 'bob'.")]
    [InlineData("Receive-ChatMessage ghost", "No peer is named 'ghost' at the server 'bob'.")]
    [InlineData("Wait-ChatMessage -From ghost", "No peer is named 'ghost' at the server 'bob'.")]
    [InlineData("Enter-ChatConversation ghost", "No peer is named 'ghost' at the server 'bob'.")]
    [InlineData("Wait-ChatMessage ([guid]::Empty)", "No message with the id 00000000-0000-0000-0000-000000000000 is stored at the server 'bob'.")]
    [InlineData("Remove-ChatMessage -Id ([guid]::Empty)", "No message with the id 00000000-0000-0000-0000-000000000000 is stored at the server 'bob'.")]
    [InlineData("Wait-ChatMessage -TimeoutSec 0", "No message came from anyone within 0 s at the server 'bob'.")]
    [InlineData("Get-ChatInvitation abcdefgh", "No open invitation is listed as 'abcdefgh' at the server 'bob'.")]
    [InlineData("Remove-ChatInvitation abcdefgh", "No open invitation is listed as 'abcdefgh' at the server 'bob'.")]
    [InlineData("Get-ChatConsumer bot", "No consumer is named 'bot' at the server 'bob'.")]
    [InlineData("Remove-ChatConsumer bot", "No consumer is named 'bot' at the server 'bob'.")]
    [InlineData("Get-ChatTransfer x.txt", "No such transfer of a file named 'x.txt' is under way at the server 'bob'.")]
    [InlineData("Stop-ChatTransfer -Id ([guid]::Empty)", "No transfer has the id 00000000-0000-0000-0000-000000000000 at the server 'bob'.")]
    [InlineData("Receive-ChatFile x.txt", "No file named 'x.txt' is offered at the server 'bob'.")]
    [InlineData("Receive-ChatFile -Wait -TimeoutSec 0", "No such file was offered within 0 s at the server 'bob'.")]
    public void The_server_that_was_asked_is_named_and_the_others(string script, string message)
    {
        using Session session = Session.StartConversation();

        ErrorRecord error = session.Run(script).Error;

        Assert.Equal(message, error.ToString());
        Assert.EndsWith(" -Server asks another server of this session: 'alice'.", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Send-ChatMessage BOB hi")]
    [InlineData("Receive-ChatFile PSSecureChat.psd1")]
    [InlineData("Stop-ChatTransfer PSSecureChat.psd1")]
    [InlineData("Get-ChatConsumer bot")]
    [InlineData("Get-ChatInvitation $invitation")]
    public void The_one_that_knows_it_is_named(string script)
    {
        using Session session = Session.StartConversation();
        session.Run("""
            $null = Send-ChatFile alice $Manifest
            $null = Receive-ChatMessage -Consumer bot -Server alice
            $invitation = New-ChatInvitation -Server alice
            """);
        session.Until("@(Get-ChatTransfer -Server alice -State Offered).Count -eq 1");
        session.Run("$carol = Start-ChatServer 127.0.0.1 0 carol -Ephemeral; Stop-ChatServer bob");

        ErrorRecord error = session.Run(script).Error;

        Assert.Contains("at the server 'carol'", error.ToString(), StringComparison.Ordinal);
        Assert.EndsWith(" The server 'alice' knows it: -Server 'alice'.", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_one_server_runs_there_is_no_word_of_servers()
    {
        using Session session = Session.StartConversation();
        session.Run("Stop-ChatServer alice");

        foreach (string script in new[] { "Send-ChatMessage ghost hi", "Wait-ChatMessage ([guid]::Empty)", "Receive-ChatFile x.txt" })
        {
            ErrorRecord error = session.Run(script).Error;
            Assert.DoesNotContain("server", $"{error} {error.ErrorDetails.RecommendedAction}", StringComparison.OrdinalIgnoreCase);
        }
    }
}
