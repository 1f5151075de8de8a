namespace PSSecureChat.ModuleTests;

public sealed class ConversationTests
{
    [Fact]
    public void Two_servers_in_one_session_talk_both_ways()
    {
        using Session session = Session.StartConversation();

        Assert.Empty(session.Run("Send-ChatMessage alice 'hello alice'").Lines);
        Assert.Empty(session.Run("Send-ChatMessage bob 'hello bob' -Server alice").Lines);

        Assert.Equal(
            ["output: bob: hello alice"],
            session.Run("Receive-ChatMessage -Wait -Server alice -TimeoutSec 30 | ForEach-Object { $_; break }").Lines);
        Assert.Equal(
            ["output: alice: hello bob"],
            session.Run("Receive-ChatMessage -Wait -TimeoutSec 30 | ForEach-Object { $_; break }").Lines);
    }

    [Fact]
    public void A_pipeline_of_texts_arrives_complete_and_in_order()
    {
        using Session session = Session.StartConversation();

        Assert.Empty(session.Run("1..200 | Send-ChatMessage alice").Lines);
        session.Until("(Get-ChatPeer bob -Server $alice).Unread -eq 200");

        Assert.Equal([.. Enumerable.Range(1, 200).Select(static n => $"output: {n}")], session.Run("Get-ChatInbox -Server $alice | ForEach-Object Text").Lines);
    }

    [Fact]
    public void PassThru_emits_stored_messages_and_WaitFor_such_that_have_come_so_far()
    {
        using Session session = Session.StartConversation();

        Assert.Equal(["output: True"], session.Run("(Send-ChatMessage alice one -PassThru).State -in 'Queued', 'Sent', 'Delivered'").Lines);
        Assert.Equal(["output: Delivered", "output: Delivered"], session.Run("'two', 'three' | Send-ChatMessage alice -WaitFor Delivered | ForEach-Object State").Lines);
    }

    [Fact]
    public void A_text_arrives_as_it_was_written()
    {
        using Session session = Session.StartConversation();

        Assert.Equal(["output: True"], session.Run("""
            $text = "first`r`nsecond`t😀 שלום $([char]27)[31m`0 end"
            $null = Send-ChatMessage alice $text -WaitFor Delivered
            (Get-ChatInbox -Server $alice).Text -ceq $text
            """).Lines);
    }

    [Fact]
    public void Wildcards_and_several_names_reach_each_peer_once()
    {
        using Session session = Session.StartConversation();
        session.Run("$carol = Start-ChatServer 127.0.0.1 0 carol -Ephemeral -AcceptFrom Anyone; $null = Connect-ChatPeer $carol.Endpoint -Server $bob");

        Assert.Equal(
            ["output: alice", "output: carol"],
            session.Run("Send-ChatMessage al*, carol, * hi -Server $bob -WaitFor Delivered | ForEach-Object To").Lines.Order(StringComparer.Ordinal));
        Assert.Equal(["warning: Nobody who may be written to is named 'nobody*': nothing was sent."], session.Run("Send-ChatMessage nobody* hi -Server $bob").Lines);
        Assert.Equal(["output: hi"], session.Run("Get-ChatInbox b* -Server $alice | ForEach-Object Text").Lines);
        Assert.Empty(session.Run("Get-ChatInbox nobody* -Server $alice").Lines);
    }

    [Theory]
    [InlineData("Get-ChatPeer -Server $bob | Send-ChatMessage -Message hi")]
    [InlineData("Get-ChatPeer -Server $bob | Send-ChatMessage hi")]
    [InlineData("'hi' | Send-ChatMessage alice -Server bob")]
    [InlineData("[pscustomobject]@{ To = 'alice'; Text = 'hi' } | Send-ChatMessage -Server bob")]
    [InlineData("[pscustomobject]@{ Name = 'alice'; Message = 'hi'; Server = 'a web server' } | Send-ChatMessage -Server bob")]
    [InlineData("[pscustomobject]@{ Message = 'hi' } | Send-ChatMessage alice -Server bob")]
    public void Peers_texts_and_objects_may_come_from_the_pipeline(string send)
    {
        using Session session = Session.StartConversation();
        session.Run("$carol = Start-ChatServer 127.0.0.1 0 carol -Ephemeral"); // now the default, and knows nobody

        Assert.Empty(session.Run(send).Lines);

        Assert.Equal(["output: bob: hi"], session.Run("Receive-ChatMessage -Wait -Server $alice -TimeoutSec 30 | ForEach-Object { $_; break }").Lines);
    }

    [Fact]
    public void Blank_lines_are_sent_like_others()
    {
        using Session session = Session.StartConversation();

        Assert.Empty(session.Run("$null = 'one', '', 'three' | Send-ChatMessage alice -WaitFor Delivered").Lines);

        Assert.Equal(["output: [one]", "output: []", "output: [three]"], session.Run("Get-ChatInbox -Server $alice | ForEach-Object { \"[$($_.Text)]\" }").Lines);
    }

    [Fact]
    public void A_message_as_text_is_one_line()
    {
        using Session session = Session.StartConversation();
        session.Run("$null = Send-ChatMessage alice \"hi`r`n  carol: pay 100`u{2028}end\" -WaitFor Delivered");

        Assert.Equal(["output: bob: hi⏎  carol: pay 100⏎end"], session.Run("Get-ChatInbox -Server $alice | ForEach-Object { \"$_\" }").Lines);
    }

    [Theory]
    [InlineData("Get-ChatServer | Get-ChatPeer | ForEach-Object { \"$($_.Server) knows $($_.Name)\" }", "alice knows bob", "bob knows alice")]
    [InlineData("Get-ChatServer | Get-ChatPeer a* | ForEach-Object { \"$($_.Server) knows $($_.Name)\" }", "bob knows alice")]
    [InlineData("'alice' | Get-ChatPeer | ForEach-Object Server", "bob")]
    [InlineData("Get-ChatPeer -Server $alice | Get-ChatPeer | ForEach-Object Name", "bob")]
    [InlineData("Get-ChatServer | Get-ChatInbox", "bob: to alice", "alice: to bob")]
    [InlineData("Get-ChatServer | Receive-ChatMessage", "bob: to alice", "alice: to bob")]
    [InlineData("$alice | Get-ChatHistory", "alice: to bob", "bob: to alice")]
    [InlineData("Get-ChatServer | Get-ChatOutbox")]
    [InlineData("Get-ChatServer | Stop-ChatServer; Get-ChatServer")]
    [InlineData("Stop-ChatServer *; Get-ChatServer")]
    [InlineData("Stop-ChatServer a*; Get-ChatServer | ForEach-Object Name", "bob")]
    [InlineData("Stop-ChatServer bob, $alice; Get-ChatServer")]
    [InlineData("Stop-ChatServer nobody*; Get-ChatServer | ForEach-Object Name", "alice", "bob")]
    public void Servers_may_come_from_the_pipeline_and_be_stopped_by_wildcard(string script, params string[] output)
    {
        using Session session = Session.StartConversation();
        session.Run("$null = Send-ChatMessage bob 'to bob' -Server alice -WaitFor Delivered; $null = Send-ChatMessage alice 'to alice' -WaitFor Delivered");

        Assert.Equal([.. output.Select(static line => $"output: {line}")], session.Run(script).Lines);
    }

    [Fact]
    public void A_piped_peer_without_a_text_is_refused()
    {
        using Session session = Session.StartConversation();

        Assert.Equal("PipedPeerNeedsOneText", session.Run("Get-ChatPeer | Send-ChatMessage").Error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Empty(session.Run("Get-ChatInbox -Server $alice").Lines);
    }

    [Fact]
    public void A_message_is_forwarded_as_it_was_written_and_answered_by_its_id()
    {
        using Session session = Session.StartConversation();
        session.Run("$null = Send-ChatMessage alice question -WaitFor Delivered");

        session.Run("$question = Get-ChatInbox -Server $alice; $null = $question | Send-ChatMessage bob -Server $alice -InReplyTo $question -WaitFor Delivered");

        Assert.Equal(["output: question True"], session.Run("Get-ChatInbox -Server $bob | ForEach-Object { \"$($_.Text) $($_.InReplyTo -eq $question.Id)\" }").Lines);
    }

    [Fact]
    public void The_inbox_is_filtered_by_what_was_read_by_time_and_by_number()
    {
        using Session session = Session.StartConversation();
        session.Run("$sent = 1..5 | Send-ChatMessage alice -WaitFor Delivered");

        Assert.Equal(["output: 4", "output: 5"], session.Run("Get-ChatInbox -Server $alice -Last 2 | ForEach-Object Text").Lines);
        Assert.Equal(["output: 1", "output: 2", "output: 3"], session.Run("Get-ChatInbox -Server $alice -Unread | ForEach-Object Text").Lines);
        Assert.Empty(session.Run("Get-ChatInbox -Server $alice -Unread").Lines);
        Assert.Equal(["output: Read"], session.Run("Get-ChatInbox -Server $alice -Last 1 | ForEach-Object State").Lines);
        Assert.Equal(["output: 0"], session.Run("(Get-ChatPeer bob -Server $alice).Unread").Lines);

        session.Run("$all = @(Get-ChatInbox -Server $alice); $middle = $all[2].StoredAt");
        Assert.Equal(["output: True"], session.Run("""
            $after = @(Get-ChatInbox -Server $alice -After $middle)
            $before = @(Get-ChatInbox -Server $alice -Before $middle)
            $expectedAfter = @($all | Where-Object StoredAt -gt $middle)
            $expectedBefore = @($all | Where-Object StoredAt -lt $middle)
            "$($after.Text)" -eq "$($expectedAfter.Text)" -and "$($before.Text)" -eq "$($expectedBefore.Text)"
            """).Lines);
        Assert.Empty(session.Run("Get-ChatInbox -Server $alice -After ([datetime]::Now.AddHours(1))").Lines);
        Assert.Equal(["output: 5"], session.Run("@(Get-ChatInbox -Server $alice -After ([datetime]::Now.AddHours(-1))).Count").Lines);
    }

    [Fact]
    public void Receive_emits_what_is_unread_once_and_waits_only_as_long_as_it_may()
    {
        using Session session = Session.StartConversation();
        session.Run("'one', 'two' | Send-ChatMessage alice -WaitFor Delivered");

        Assert.Equal(["output: one", "output: two"], session.Run("Receive-ChatMessage -Server $alice | ForEach-Object Text").Lines);
        Assert.Empty(session.Run("Receive-ChatMessage -Server $alice").Lines);
        Assert.Empty(session.Run("Receive-ChatMessage -Server $alice -Wait -TimeoutSec 0.05").Lines);
    }

    [Fact]
    public void Receive_with_Wait_answers_each_message_as_it_comes()
    {
        using Session session = Session.StartConversation();

        // Each answer causes the next message, so all of them but the first come while the stream waits.
        Transcript stream = session.Run("""
            Send-ChatMessage alice 1
            Receive-ChatMessage bob -Wait -Server $alice -TimeoutSec 30 | ForEach-Object {
                $_.Text
                if ($_.Text -eq '5') { break }
                Send-ChatMessage alice ([int]$_.Text + 1) -Server $bob
            }
            """);

        Assert.Equal(["output: 1", "output: 2", "output: 3", "output: 4", "output: 5"], stream.Lines);
    }

    [Fact]
    public void A_stranger_waits_for_approval_where_that_was_asked_for()
    {
        using Session session = Session.Start();
        session.Run("$alice = Start-ChatServer 127.0.0.1 0 alice -Ephemeral -AcceptFrom Request; $bob = Start-ChatServer 127.0.0.1 0 bob -Ephemeral");
        session.Run("$null = Connect-ChatPeer $alice.Endpoint; Send-ChatMessage alice 'let me in' -WarningAction Ignore");
        session.Until("(Get-ChatPeer bob -Server $alice -ErrorAction Ignore).State -eq 'Requested'");

        // Online as soon as bob has said where his messages go on, which may be a moment later.
        Assert.Equal(["output: bob False"], session.Run("Approve-ChatPeer * -Server $alice -PassThru | ForEach-Object { \"$_ $($_.State -eq 'Requested')\" }").Lines);
        session.Until("(Get-ChatPeer bob -Server $alice).State -eq 'Online'");
        Assert.Equal(["output: let me in"], session.Run("Receive-ChatMessage -Wait -Server $alice -TimeoutSec 30 | ForEach-Object { $_.Text; break }").Lines);
    }

    [Fact]
    public void A_disconnected_peer_gets_its_messages_later()
    {
        using Session session = Session.StartConversation();

        Assert.Empty(session.Run("Disconnect-ChatPeer alice").Lines);
        session.Until("(Get-ChatPeer alice).State -eq 'Offline'");
        Transcript send = session.Run("'one', 'two' | Send-ChatMessage alice");
        Assert.Equal(["warning: 'alice' is not connected. The message is queued and goes out when 'alice' is."], send.Lines);
        Assert.Equal(["output: 2"], session.Run("(Get-ChatPeer alice).Queued").Lines);

        Assert.Equal(["output: alice"], session.Run("Get-ChatPeer alice | Connect-ChatPeer").Lines);
        session.Until("(Get-ChatPeer bob -Server $alice).Unread -eq 2");
    }

    [Fact]
    public void WhatIf_stops_and_disconnects_nothing()
    {
        using Session session = Session.StartConversation();

        session.Run("Stop-ChatServer alice -WhatIf; Disconnect-ChatPeer alice -WhatIf");

        Assert.Equal(["output: Running", "output: Running"], session.Run("(Get-ChatServer).State").Lines);
        Assert.Equal(["output: Online"], session.Run("(Get-ChatPeer alice).State").Lines);
    }

    [Fact]
    public void Servers_are_listed_found_by_name_and_stopped()
    {
        using Session session = Session.StartConversation();

        Assert.Equal(["output: alice", "output: bob"], session.Run("(Get-ChatServer).Name").Lines);
        Assert.Equal(["output: alice"], session.Run("(Get-ChatServer a*).Name").Lines);
        Assert.Empty(session.Run("Stop-ChatServer").Lines);
        Assert.Equal(["output: alice"], session.Run("(Get-ChatServer).Name").Lines);
        Assert.Empty(session.Run("Get-ChatServer | Stop-ChatServer").Lines);
        Assert.Empty(session.Run("Get-ChatServer").Lines);
    }

    [Fact]
    public void The_story_of_a_connection_goes_to_Verbose_and_holds_no_text()
    {
        using Session session = Session.Start();
        Transcript story = session.Run("""
            $alice = Start-ChatServer 127.0.0.1 0 alice -Ephemeral -AcceptFrom Anyone
            $bob = Start-ChatServer 127.0.0.1 0 bob -Ephemeral -Verbose
            $null = Connect-ChatPeer $alice.Endpoint -Verbose
            Send-ChatMessage alice 'a secret' -Verbose
            """);

        Assert.Contains(story.Lines, static line => line.StartsWith("verbose: Now listening on 127.0.0.1:", StringComparison.Ordinal));
        Assert.Contains("verbose: Now connected to alice.", story.Lines);
        Assert.DoesNotContain(story.Lines, static line => line.Contains("secret", StringComparison.Ordinal));
    }
}
