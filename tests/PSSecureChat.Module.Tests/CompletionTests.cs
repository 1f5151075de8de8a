using System.Management.Automation;

namespace PSSecureChat.ModuleTests;

public sealed class CompletionTests
{
    [Theory]
    [InlineData("Send-ChatMessage ")]
    [InlineData("Send-ChatMessage a")]
    [InlineData("Send-ChatMessage -To AL")]
    [InlineData("Get-ChatInbox -From ")]
    [InlineData("Get-ChatPeer ")]
    [InlineData("Disconnect-ChatPeer ")]
    [InlineData("Receive-ChatMessage ")]
    [InlineData("Send-ChatMessage -Server bob -To ")]
    public void Tab_completes_the_names_of_peers(string line)
    {
        using Session session = Session.StartConversation();

        Assert.Equal(["alice"], Complete(session, line));
    }

    [Fact]
    public void The_tool_tip_tells_how_the_peer_stands()
    {
        using Session session = Session.StartConversation();
        session.Run("Send-ChatMessage bob hi -Server alice -WaitFor Delivered");

        Assert.Equal(["output: alice: Online, Unverified, 1 unread"], session.Run("(TabExpansion2 'Send-ChatMessage a' 18).CompletionMatches.ToolTip").Lines);
    }

    [Fact]
    public void Peers_are_those_of_the_server_on_the_line()
    {
        using Session session = Session.StartConversation();

        Assert.Equal(["bob"], Complete(session, "Send-ChatMessage -Server $alice -To "));
        Assert.Equal(["bob"], Complete(session, "Send-ChatMessage -Server alice -To "));
    }

    [Fact]
    public void A_name_is_quoted_where_the_language_needs_it()
    {
        using Session session = Session.StartConversation();
        session.Run("$null = Start-ChatServer 127.0.0.1 0 'Ana María' -Ephemeral; $null = Start-ChatServer 127.0.0.1 0 007 -Ephemeral; $null = Start-ChatServer 127.0.0.1 0 O-Neil@home -Ephemeral");

        Assert.Equal(["'Ana María'"], Complete(session, "Stop-ChatServer An"));
        Assert.Equal(["'Ana María'"], Complete(session, "Stop-ChatServer 'An"));
        Assert.Equal(["\"Ana María\""], Complete(session, "Stop-ChatServer \"An"));
        Assert.Equal(["'007'"], Complete(session, "Stop-ChatServer 0"));
        Assert.Equal(["O-Neil@home"], Complete(session, "Stop-ChatServer O"));
    }

    [Fact]
    public void Tab_completes_the_names_of_servers_and_parameter_values()
    {
        using Session session = Session.StartConversation();

        Assert.Equal(["alice", "bob"], Complete(session, "Get-ChatPeer -Server "));
        Assert.Equal(["alice", "bob"], Complete(session, "Get-ChatServer "));
        Assert.Equal(["Anyone", "Invited", "Known", "Request"], Complete(session, "Start-ChatServer -AcceptFrom "));
        Assert.Equal(["Delivered", "Read", "Sent"], Complete(session, "Send-ChatMessage alice hi -WaitFor ").Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("Get-ChatInvitation ")]
    [InlineData("Remove-ChatInvitation -Server alice -Id A")]
    public void Tab_completes_the_ids_of_open_invitations(string line)
    {
        using Session session = Session.Start();
        string id = session.Run("$null = Start-ChatServer 127.0.0.1 0 alice -Ephemeral; (New-ChatInvitation).Substring(6, 8)").Output[0].ToString();

        Assert.Equal([id], Complete(session, line).Select(static completion => completion.Trim('\'')));
    }

    [Fact]
    public void Behind_peers_no_name_is_offered_as_a_text()
    {
        using Session session = Session.StartConversation();

        Assert.Empty(Complete(session, "Get-ChatPeer | Send-ChatMessage "));
        Assert.Equal(["alice"], Complete(session, "Send-ChatMessage "));
    }

    [Theory]
    [InlineData("Send-ChatMessage alice yes -InReplyTo ", "3 2 1")]
    [InlineData("Send-ChatMessage a* yes -InReplyTo ", "3 2 1")]
    [InlineData("Send-ChatMessage carol yes -InReplyTo ", "hello")]
    [InlineData("Send-ChatMessage -InReplyTo ", "hello 3 2 1")]
    [InlineData("Send-ChatMessage nobody yes -InReplyTo ", "")]
    [InlineData("Send-ChatMessage alice yes -InReplyTo ./", "")]
    [InlineData("Wait-ChatMessage -From alice -InReplyTo ", "sent")]
    [InlineData("Wait-ChatMessage -Server alice ", "3 2 1")]
    public void Tab_completes_the_ids_of_the_last_messages_and_shows_their_texts(string line, string texts)
    {
        using Session session = Session.StartConversation();
        session.Run("""
            $null = 1..3 | Send-ChatMessage bob -Server alice -WaitFor Delivered
            $null = Send-ChatMessage alice sent
            $null = Start-ChatServer 127.0.0.1 0 carol -Ephemeral
            $null = Connect-ChatPeer $bob.Endpoint; Send-ChatMessage bob hello -WaitFor Delivered -Server carol | Out-Null
            """);
        string scoped = line.Contains("-Server", StringComparison.Ordinal) ? line : line.Replace("-InReplyTo", "-Server bob -InReplyTo", StringComparison.Ordinal);

        string[] ids = [.. Complete(session, scoped).Select(static completion => completion.Trim('\''))];

        Assert.Equal(texts.Split(' ', StringSplitOptions.RemoveEmptyEntries), ids.Select(id => session.Run($"Get-ChatServer | Get-ChatHistory | Where-Object Id -eq {id} | ForEach-Object Text").Output[0].ToString()));
    }

    [Theory]
    [InlineData("Send-ChatMessage alice hi -ExpiresIn ", 6)]
    [InlineData("New-ChatInvitation -ExpiresIn 0:", 3)]
    public void Tab_shows_how_a_time_is_written(string line, int count)
    {
        using Session session = Session.Start();

        IReadOnlyList<string> times = [.. Complete(session, line)];

        Assert.Equal(count, times.Count);
        Assert.All(times, time => Assert.True((TimeSpan)session.Run($"[timespan]{time}").Output.Single().BaseObject > TimeSpan.Zero));
        Assert.Contains("'0:15'", times);
    }

    [Fact]
    public void Without_a_server_Tab_is_silent()
    {
        using Session session = Session.Start();

        Transcript tab = session.Run("TabExpansion2 'Send-ChatMessage ghost' 22 | ForEach-Object CompletionMatches");
        Assert.Empty(tab.Errors);
    }

    private static string[] Complete(Session session, string line)
    {
        using PowerShell shell = PowerShell.Create(session.Runspace);
        shell.AddCommand("TabExpansion2").AddParameter("inputScript", line).AddParameter("cursorColumn", line.Length);
        CommandCompletion completion = Assert.Single(shell.Invoke<CommandCompletion>());
        Assert.Empty(shell.Streams.Error);
        return [.. completion.CompletionMatches.Select(static match => match.CompletionText)];
    }
}
