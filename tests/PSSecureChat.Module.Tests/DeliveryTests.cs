namespace PSSecureChat.ModuleTests;

public sealed class DeliveryTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("pssc-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void The_outbox_shows_what_waits_and_Remove_withdraws_it()
    {
        using Session session = Session.StartConversation();
        session.Run("Disconnect-ChatPeer alice");
        session.Until("(Get-ChatPeer alice).State -eq 'Offline'");
        session.Run("'one', 'two', 'three' | Send-ChatMessage alice -WarningAction Ignore");

        Assert.Equal(["output: one Queued True", "output: two Queued True", "output: three Queued True"],
            session.Run("Get-ChatOutbox a* | ForEach-Object { \"$($_.Text) $($_.State) $($_.Reason -like 'alice is not connected since*')\" }").Lines);
        Assert.Equal(["output: PSSecureChat.ChatMessage#Outbox"], session.Run("Get-ChatOutbox | ForEach-Object { $_.PSObject.TypeNames[0] }").Lines.Distinct());
        session.Run("Get-ChatOutbox | Remove-ChatMessage -WhatIf");
        Assert.Equal(["output: 3"], session.Run("(Get-ChatPeer alice).Queued").Lines);
        Assert.Empty(session.Run("Get-ChatOutbox | Where-Object Text -ne two | Remove-ChatMessage").Lines);
        Assert.Equal(["output: 1"], session.Run("(Get-ChatPeer alice).Queued").Lines);

        session.Run("$null = Get-ChatPeer alice | Connect-ChatPeer");
        session.Until("(Get-ChatPeer bob -Server $alice).Unread -eq 1");
        Assert.Equal(["output: two"], session.Run("Get-ChatInbox -Server $alice | ForEach-Object Text").Lines);
        Assert.Empty(session.Run("Get-ChatOutbox").Lines);
    }

    [Fact]
    public void A_message_is_removed_by_its_id_and_an_unknown_id_is_an_error_of_its_own()
    {
        using Session session = Session.StartConversation();
        session.Run("$sent = 'one', 'two' | Send-ChatMessage alice -WaitFor Delivered");

        Transcript removed = session.Run("Remove-ChatMessage -Id ([guid]::NewGuid()), $sent[0].Id; $?");
        Assert.Equal("MessageUnknown", removed.Error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal(["output: two"], session.Run("Get-ChatHistory | ForEach-Object Text").Lines);
        Assert.Empty(session.Run("Get-ChatHistory -Server $alice | Remove-ChatMessage").Lines); // each through its own server
        Assert.Empty(session.Run("Get-ChatHistory -Server $alice").Lines);
        Assert.Equal(["output: two"], session.Run("Get-ChatHistory | ForEach-Object Text").Lines);
    }

    [Fact]
    public void A_message_that_expires_is_an_error_of_the_wait()
    {
        using Session session = Session.StartConversation();
        session.Run("Disconnect-ChatPeer alice");
        session.Until("(Get-ChatPeer alice).State -eq 'Offline'");

        Transcript send = session.Run("Send-ChatMessage alice late -ExpiresIn 00:00:00.1 -WaitFor Delivered -WarningAction Ignore");
        Assert.Equal("DeliveryFailed", send.Error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal(["output: Expired its time ran out before it was delivered"], session.Run("Get-ChatOutbox | ForEach-Object { \"$($_.State) $($_.Reason)\" }").Lines);
        Assert.Equal("ExpiryNotUsable", session.Run("Send-ChatMessage alice x -ExpiresIn ([timespan]::Zero)").Error.FullyQualifiedErrorId.Split(',')[0]);
    }

    [Fact]
    public void The_history_has_both_directions_and_is_searched()
    {
        using Session session = Session.StartConversation();
        session.Run("""
            $null = Send-ChatMessage alice 'Hello Alice' -WaitFor Delivered
            $null = Send-ChatMessage bob 'hello bob' -Server $alice -WaitFor Delivered
            $null = Send-ChatMessage alice 'how are you?' -WaitFor Delivered
            """);

        Assert.Equal(["output: Hello Alice", "output: hello bob", "output: how are you?"], session.Run("Get-ChatHistory -With al* | ForEach-Object Text").Lines);
        Assert.Equal(["output: hello bob", "output: Hello Alice"], session.Run("Get-ChatHistory alice -Search HELLO | ForEach-Object Text").Lines);
        Assert.Equal(["output: hello bob"], session.Run("Get-ChatHistory -Search HELLO | ForEach-Object { $_.Text; break }").Lines);
        Assert.Equal(["output: hello bob", "output: how are you?"], session.Run("Get-ChatPeer | Get-ChatHistory -Last 2 | ForEach-Object Text").Lines);
        Assert.Equal(["output: 1"], session.Run("(Get-ChatPeer alice).Unread").Lines);
        Assert.Empty(session.Run("Get-ChatHistory nobody*").Lines);
        Assert.Equal("PeerUnknown", session.Run("Get-ChatHistory nobody").Error.FullyQualifiedErrorId.Split(',')[0]);
    }

    [Fact]
    public void A_sender_waits_until_its_message_was_read()
    {
        using Session session = Session.Start();
        session.Run("""
            $alice = Start-ChatServer 127.0.0.1 0 alice -Ephemeral -AcceptFrom Anyone -ReadReceipt
            $bob = Start-ChatServer 127.0.0.1 0 bob -Ephemeral -AcceptFrom Anyone
            $null = Connect-ChatPeer $alice.Endpoint
            $message = Send-ChatMessage alice hello -WaitFor Delivered
            $null = Get-ChatInbox -Server $alice
            """);

        session.Until("(Get-ChatHistory -Last 1).State -eq 'Read'");
    }

    [Fact]
    public void A_store_is_backed_up_and_restored()
    {
        using Session session = Session.Start();
        session.Runspace.SessionStateProxy.SetVariable("root", _root);
        Transcript backup = session.Run("""
            $secret = [securestring]::new(); 'sesame'.ToCharArray() | ForEach-Object { $secret.AppendChar($_) }
            $wrong = [securestring]::new(); 'barley'.ToCharArray() | ForEach-Object { $wrong.AppendChar($_) }
            $ana = Start-ChatServer 127.0.0.1 0 ana -Path "$root/ana"
            Backup-ChatStore "$root/ana.backup" $secret -WhatIf
            [IO.File]::Exists("$root/ana.backup")
            (Backup-ChatStore "$root/ana.backup" $secret).Name
            """);
        Assert.Equal(["output: False", "output: ana.backup"], backup.Lines.Where(static line => line.StartsWith("output", StringComparison.Ordinal)));

        Assert.Equal("BackupExists", session.Run("Backup-ChatStore \"$root/ana.backup\" $secret").Error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal("WrongPassphrase", session.Run("Restore-ChatStore \"$root/ana.backup\" $wrong \"$root/copy\"").Error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal("StoreExists", session.Run("Restore-ChatStore \"$root/ana.backup\" $secret \"$root/ana\"").Error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal(["output: copy"], session.Run("([IO.FileInfo]\"$root/ana.backup\" | Restore-ChatStore -Passphrase $secret -Destination \"$root/copy\").Name").Lines);
        Assert.Equal(["output: True"], session.Run("$f = $ana.Fingerprint; Stop-ChatServer; (Start-ChatServer 127.0.0.1 0 ana -Path \"$root/copy\").Fingerprint -eq $f").Lines);
        session.Run("Get-ChatServer | Stop-ChatServer");
    }

    [Theory]
    [InlineData("Remove-ChatMessage $message")]
    [InlineData("$message | Remove-ChatMessage")]
    [InlineData("[pscustomobject]@{ Id = \"$($message.Id)\"; Note = 'no message, but it has the id of one' } | Remove-ChatMessage -Server alice")]
    [InlineData("[System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($message)) | Remove-ChatMessage")]
    public void A_message_is_removed_from_its_own_server(string script)
    {
        using Session session = Session.StartConversation();
        session.Run("$message = Send-ChatMessage bob hi -Server alice -WaitFor Delivered");

        Assert.Empty(session.Run($"{script} -WarningAction Ignore").Lines);

        Assert.Equal(["output: 0", "output: 1"], session.Run("@(Get-ChatHistory -Server alice).Count; @(Get-ChatHistory -Server bob).Count").Lines);
    }

    [Fact]
    public void Out_of_what_is_no_message_none_is_made()
    {
        using Session session = Session.StartConversation();

        Assert.Equal("MessageUnknown", session.Run("[pscustomobject]@{ Id = [guid]::NewGuid() } | Wait-ChatMessage").Error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal("MessageUnknown", session.Run("[pscustomobject]@{ Id = [guid]::NewGuid() } | Remove-ChatMessage").Error.FullyQualifiedErrorId.Split(',')[0]);
    }
}
