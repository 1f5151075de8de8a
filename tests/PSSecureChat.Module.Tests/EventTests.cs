namespace PSSecureChat.ModuleTests;

/// <remarks>Wait-Event and the like come with PowerShell itself and are tried in tests/Pester; here the session's event manager is asked.</remarks>
public sealed class EventTests
{
    [Fact]
    public void An_action_is_told_of_each_message_in_order_with_its_data()
    {
        using Session session = Session.StartConversation();
        session.Run("""
            $global:seen = @()
            $job = Register-ChatEvent MessageReceived -From b* -Server $alice -SourceIdentifier Mail -MessageData 'data' -Action {
                $global:seen += "$($EventArgs.Number) $($EventArgs.EventName) $($Event.SourceEventArgs.Message.Text) $($Event.MessageData) $($Sender.EventName)"
            }
            $null = 1..3 | Send-ChatMessage alice -WaitFor Delivered
            """);

        session.Until("$seen.Count -eq 3");
        Assert.Equal(
            ["output: 1 MessageReceived 1 data MessageReceived", "output: 2 MessageReceived 2 data MessageReceived", "output: 3 MessageReceived 3 data MessageReceived"],
            session.Run("$seen").Lines);
        Assert.Equal(["output: 3"], session.Run("(Get-ChatPeer bob -Server $alice).Unread").Lines);
    }

    [Fact]
    public void What_becomes_of_messages_is_told()
    {
        using Session session = Session.Start();
        session.Run("""
            $alice = Start-ChatServer 127.0.0.1 0 alice -Ephemeral -AcceptFrom Anyone -ReadReceipts
            $bob = Start-ChatServer 127.0.0.1 0 bob -Ephemeral -AcceptFrom Anyone
            $null = Connect-ChatPeer $alice.Endpoint
            $global:states = @()
            $null = Register-ChatEvent MessageStateChanged -Server $bob -Action { $global:states += "$($EventArgs.Message.Text) $($EventArgs.Message.State)" }
            $null = Send-ChatMessage alice one -WaitFor Delivered
            """);
        session.Until("$states -contains 'one Delivered'"); // read at once, it might be told as Read alone
        session.Run("$null = Get-ChatInbox -Server $alice");
        session.Until("$states -contains 'one Read'");
        session.Run("Disconnect-ChatPeer alice; Send-ChatMessage alice late -ExpiresIn 00:00:00.1 -WaitFor Delivered -WarningAction Ignore -ErrorAction Ignore");
        session.Until("$states -contains 'late Expired'");
        Assert.Equal(["output: False"], session.Run("[bool]($states -like 'late [SD]*')").Lines);
    }

    [Fact]
    public void Peers_that_come_ask_and_go_are_told()
    {
        using Session session = Session.Start();
        session.Run("""
            $alice = Start-ChatServer 127.0.0.1 0 alice -Ephemeral -AcceptFrom Request
            $bob = Start-ChatServer 127.0.0.1 0 bob -Ephemeral
            $global:seen = @()
            'PeerRequested', 'PeerConnected', 'PeerDisconnected' | ForEach-Object { $null = Register-ChatEvent $_ -Server $alice -Action { $global:seen += "$($EventArgs.EventName) $($EventArgs.Peer)" } }
            $null = Connect-ChatPeer $alice.Endpoint
            """);
        session.Until("$seen -contains 'PeerRequested bob'");
        session.Run("Approve-ChatPeer bob -Server $alice");
        session.Until("$seen -contains 'PeerConnected bob'");
        session.Run("Disconnect-ChatPeer alice -Server $bob");
        session.Until("$seen -contains 'PeerDisconnected bob'");
        Assert.Equal(["output: 3"], session.Run("$seen.Count").Lines);
    }

    [Theory]
    [InlineData("$ExecutionContext.Events.UnsubscribeEvent($subscriber)")]
    [InlineData("Stop-ChatServer $alice")]
    [InlineData("Remove-Module PSSecureChat")]
    [InlineData("$null = Send-ChatMessage alice last -Server $bob -WaitFor Delivered; while ($source.IsWatching) { }")] // -MaxTriggerCount 1
    public void Nothing_is_left_when_a_subscription_ends(string end)
    {
        using Session session = Session.StartConversation();
        session.Run("""
            $null = Register-ChatEvent MessageReceived -Server $alice -SourceIdentifier Mail -MaxTriggerCount 1 -Action { }
            $events = $ExecutionContext.Events
            $subscriber = $events.Subscribers | Where-Object SourceIdentifier -eq Mail
            $source = $subscriber.SourceObject
            """);
        Assert.Equal(["output: True"], session.Run("$source.IsWatching").Lines);

        Assert.Empty(session.Run(end).Errors);

        session.Until("-not $source.IsWatching -and $events.Subscribers.Count -eq 0");
    }

    [Fact]
    public void A_subscription_ends_with_its_runspace()
    {
        using Session session = Session.StartConversation();
        object alice = session.Runspace.SessionStateProxy.GetVariable("alice");
        object? source;
        using (Session other = Session.Start())
        {
            other.Runspace.SessionStateProxy.SetVariable("alice", alice);
            Assert.Empty(other.Run("$null = Register-ChatEvent MessageReceived -Server $alice -SourceIdentifier Mail -Action { }").Lines);
            source = other.Run("($ExecutionContext.Events.Subscribers | Where-Object SourceIdentifier -eq Mail).SourceObject").Output[0].BaseObject;
        }

        session.Runspace.SessionStateProxy.SetVariable("source", source);
        session.Until("-not $source.IsWatching");
    }

    [Fact]
    public void Ten_thousand_messages_wait_in_the_store_and_not_in_the_queue_of_events()
    {
        using Session session = Session.StartConversation();
        session.Run("$null = Register-ChatEvent MessageReceived -Server $alice -SourceIdentifier Flood; 1..10000 | Send-ChatMessage alice");
        session.Until("(Get-ChatPeer bob -Server $alice).Unread -eq 10000");
        session.Until("$ExecutionContext.Events.ReceivedEvents.Count -eq 1000");

        // What is fetched makes room for as many.
        session.Run("""
            $queue = $ExecutionContext.Events.ReceivedEvents
            [Threading.Monitor]::Enter($queue.SyncRoot)
            1..600 | ForEach-Object { $queue.RemoveAt(0) }
            [Threading.Monitor]::Exit($queue.SyncRoot)
            """);
        session.Until("$queue.Count -eq 1000");
        Assert.Equal(["output: 601 1600"], session.Run("\"$($queue[0].SourceEventArgs.Message.Text) $($queue[999].SourceEventArgs.Number)\"").Lines);
    }

    [Fact]
    public void A_name_that_is_taken_and_an_event_that_is_none_are_errors()
    {
        using Session session = Session.StartConversation();
        session.Run("Register-ChatEvent MessageReceived -SourceIdentifier Mail");

        Assert.Equal("SubscriberExists", session.Run("Register-ChatEvent MessageReceived -SourceIdentifier Mail").Error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal("CannotConvertArgumentNoMessage", session.Run("Register-ChatEvent Nothing").Error.FullyQualifiedErrorId.Split(',')[0]);
    }
}
