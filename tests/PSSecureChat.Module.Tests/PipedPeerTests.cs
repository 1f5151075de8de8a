using System.Management.Automation;

namespace PSSecureChat.ModuleTests;

/// <summary>A peer from the pipeline is the one of its key, whoever bears its name by now; and a copy of one is it too.</summary>
public sealed class PipedPeerTests
{
    private static string IdOf(Transcript transcript) => transcript.Error.FullyQualifiedErrorId.Split(',')[0];

    [Theory]
    [InlineData("Block-ChatPeer")]
    [InlineData("Unblock-ChatPeer")]
    [InlineData("Disconnect-ChatPeer")]
    [InlineData("Approve-ChatPeer")]
    [InlineData("Remove-ChatPeer -Confirm:$false")]
    [InlineData("Confirm-ChatPeer -SafetyNumber $peer.SafetyNumber")]
    [InlineData("Get-ChatPeer")]
    [InlineData("Get-ChatHistory")]
    [InlineData("Get-ChatInbox")]
    [InlineData("Get-ChatOutbox")]
    [InlineData("Receive-ChatMessage")]
    [InlineData("Wait-ChatMessage -TimeoutSec 0")]
    [InlineData("Receive-ChatFile")]
    [InlineData("Get-ChatTransfer")]
    [InlineData("Send-ChatMessage -Message text")]
    public void Who_bears_the_name_of_a_piped_peer_by_now_is_not_meant(string command)
    {
        using Session session = Session.StartConversation();
        session.Run("""
            $peer = Get-ChatPeer alice -Server bob
            $copy = $peer | Microsoft.PowerShell.Core\ForEach-Object { [Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($_)) }
            Remove-ChatPeer alice -Server bob -Confirm:$false
            $other = Start-ChatServer 127.0.0.1 0 alice -Ephemeral -AcceptFrom Anyone
            $null = Connect-ChatPeer $other.Endpoint -Server bob
            """);

        foreach (string piped in new[] { "$peer", "$copy" })
        {
            Transcript said = session.Run($"{piped} | {command}");
            Assert.Equal("PeerUnknown", IdOf(said));
            Assert.Equal(["output: Online Unverified"], session.Run("Get-ChatPeer alice -Server bob | ForEach-Object { \"$($_.State) $($_.Trust)\" }").Lines);
        }

        Assert.Contains("another key", session.Run("$peer | Block-ChatPeer").Error.Exception.Message, StringComparison.Ordinal);
        Assert.Equal(["output: Blocked"], session.Run("$peer | Block-ChatPeer alice -PassThru | ForEach-Object State").Lines); // who is named is meant
    }

    [Fact]
    public void A_changed_key_is_approved_only_as_it_was_looked_at()
    {
        using Session session = Session.StartConversation();
        const string Another = """
            Stop-ChatServer $alice
            $alice = Start-ChatServer 127.0.0.1 $alice.Port alice -Ephemeral -AcceptFrom Anyone
            Connect-ChatPeer $alice.Endpoint -Server bob
            """;
        Assert.Equal("KeyChanged", IdOf(session.Run(Another)));
        session.Run("$seen = Get-ChatPeer alice -Server bob; $second = $seen.NewFingerprint; $copy = [Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($seen))");
        Assert.Equal("KeyChanged", IdOf(session.Run(Another)));
        foreach (string approval in new[] { "$seen | Approve-ChatPeer -Force", "$copy | Approve-ChatPeer -Confirm:$false", "$seen | Approve-ChatPeer -SafetyNumber $seen.NewSafetyNumber" })
        {
            Transcript refused = session.Run(approval);
            Assert.Equal("KeyChanged", IdOf(refused));
            Assert.Contains("has changed. Looked at: ", refused.Error.Exception.Message, StringComparison.Ordinal);
            Assert.Equal(["output: KeyChanged"], session.Run("(Get-ChatPeer alice -Server bob).State").Lines);
        }

        Assert.Equal(["output: True"], session.Run("$second -ne (Get-ChatPeer alice -Server bob).NewFingerprint").Lines);
        Assert.Equal(["output: True"], session.Run("Get-ChatPeer alice -Server bob | Approve-ChatPeer -Force -PassThru | ForEach-Object { $_.Fingerprint -eq $alice.Fingerprint }").Lines);
    }

    [Fact]
    public void A_peer_that_was_looked_at_before_its_key_changed_is_not_approved_with_the_new_one()
    {
        using Session session = Session.StartConversation();
        session.Run("""
            $before = Get-ChatPeer alice -Server bob
            Stop-ChatServer $alice
            $alice = Start-ChatServer 127.0.0.1 $alice.Port alice -Ephemeral -AcceptFrom Anyone
            """);
        Assert.Equal("KeyChanged", IdOf(session.Run("Connect-ChatPeer $alice.Endpoint -Server bob")));
        Assert.Contains("Looked at: the known key.", session.Run("$before | Approve-ChatPeer -Force").Error.Exception.Message, StringComparison.Ordinal);
        Assert.Equal(["output: KeyChanged"], session.Run("(Get-ChatPeer alice -Server bob).State").Lines);
    }

    [Theory]
    [InlineData("[Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($peer))")]
    [InlineData("[pscustomobject]@{ Name = 'alice'; Server = 'bob' }")]
    [InlineData("[pscustomobject]@{ To = 'alice'; Server = $bob }")]
    public void A_copy_and_a_row_name_their_server_too(string piped)
    {
        using Session session = Session.StartConversation();
        session.Run("""
            $peer = Get-ChatPeer alice -Server bob
            $other = Start-ChatServer 127.0.0.1 0 alice -Ephemeral -AcceptFrom Anyone
            $newest = Start-ChatServer 127.0.0.1 0 newest -Ephemeral
            $null = Connect-ChatPeer $other.Endpoint
            """);
        Assert.Equal(["output: bob True"], session.Run($"{piped} | Send-ChatMessage -Message text -PassThru | ForEach-Object {{ \"$($_.Server) $($_.PeerFingerprint -eq $peer.Fingerprint)\" }}").Lines);
        Assert.Equal(["output: newest"], session.Run("[pscustomobject]@{ Name = 'alice'; Server = 'bob' } | Send-ChatMessage -Message text -Server newest -PassThru | ForEach-Object Server").Lines);
        Assert.Equal("NoServer", IdOf(session.Run("[pscustomobject]@{ Name = 'alice'; Server = 'web1' } | Send-ChatMessage -Message text")));
        Assert.Equal(["output: newest"], session.Run("[pscustomobject]@{ Server = 'web1' } | Send-ChatMessage alice -PassThru | ForEach-Object Server").Lines); // no recipient: a thing to send
    }

    [Fact]
    public void A_message_that_lost_its_type_names_no_recipient()
    {
        using Session session = Session.StartConversation();
        session.Run("$null = Send-ChatMessage bob question -Server $alice -WaitFor Delivered; $question = Get-ChatInbox -Server bob; $json = [pscustomobject]@{ Id = $question.Id; From = 'alice'; To = 'bob'; PeerFingerprint = $question.PeerFingerprint; Direction = 0; Text = 'question'; Server = 'bob' }");
        Assert.Equal("MessageCopyNotKnown", IdOf(session.Run("$json | Send-ChatMessage -Message answer")));
        Assert.Equal("MessageCopyNotKnown", IdOf(session.Run("$json | Send-ChatMessage")));
    }

    [Theory]
    [InlineData("[pscustomobject]@{ Server = 'bob' }")]
    [InlineData("[pscustomobject]@{ Name = 'alice'; Server = 'bob' }")]
    [InlineData("$null")]
    public void Nobodys_files_are_taken_for_those_of_an_object_that_names_nobody(string piped)
    {
        string folder = Directory.CreateTempSubdirectory("pssc-").FullName;
        try
        {
            using Session session = Session.StartConversation();
            File.WriteAllText(Path.Combine(folder, "a.txt"), "text");
            session.Runspace.SessionStateProxy.SetVariable("file", Path.Combine(folder, "a.txt"));
            session.Run("$null = Send-ChatFile bob $file -Server $alice");
            session.Until("@(Get-ChatTransfer -Server bob).Count -eq 1");
            Assert.Equal("InputMeansNobody", IdOf(session.Run($"{piped} | Receive-ChatFile -Destination '{folder}'")));
            Assert.Equal("InputMeansNobody", IdOf(session.Run($"{piped} | Get-ChatTransfer")));
            Assert.Equal(["output: Offered"], session.Run("(Get-ChatTransfer -Server bob).State").Lines);
            Assert.Equal(["output: a.txt"], session.Run("$offer = Get-ChatTransfer -Server bob; [pscustomobject]@{ Id = $offer.Id; Server = 'bob' } | Get-ChatTransfer | ForEach-Object Name").Lines);
            Assert.Equal(["output: a.txt"], session.Run($"[pscustomobject]@{{ Id = \"$($offer.Id)\"; Server = 'bob' }} | Receive-ChatFile -Destination '{folder}' | ForEach-Object Name").Lines);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void What_streams_through_one_command_goes_out_by_one_server()
    {
        using Session session = Session.StartConversation();
        session.Run("$private = Start-ChatServer 127.0.0.1 0 private -Ephemeral; $null = Connect-ChatPeer $alice.Endpoint; $work = Start-ChatServer 127.0.0.1 0 work -Ephemeral; $null = Connect-ChatPeer $alice.Endpoint");
        Assert.Equal(
            ["output: work", "output: work", "output: work"],
            session.Run("1..3 | ForEach-Object { if ($_ -eq 2) { $late = Start-ChatServer 127.0.0.1 0 late -Ephemeral; $null = Connect-ChatPeer $alice.Endpoint -Server late }; \"$_\" } | Send-ChatMessage alice -PassThru | ForEach-Object Server").Lines);
        Transcript stopped = session.Run("1..3 | ForEach-Object { if ($_ -eq 2) { Stop-ChatServer late }; \"$_\" } | Send-ChatMessage alice -PassThru | ForEach-Object Server");
        Assert.Equal("ServerStopped", IdOf(stopped));
        Assert.DoesNotContain("output: work", stopped.Lines);
    }

    [Fact]
    public void A_server_that_has_failed_is_not_passed_over_for_another_identity()
    {
        using Session session = Session.StartConversation();
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        session.Runspace.SessionStateProxy.SetVariable("path", path);
        session.Run("$work = Start-ChatServer 127.0.0.1 0 work -Path $path; $null = Connect-ChatPeer $alice.Endpoint");
        Directory.Delete(path, recursive: true);
        session.Until("$work.State -eq 'Failed'");
        Transcript refused = session.Run("Send-ChatMessage alice text");
        Assert.Equal("ServerStopped", IdOf(refused));
        Assert.Contains("has failed", refused.Error.Exception.Message, StringComparison.Ordinal);
        Assert.Contains("'bob'", refused.Error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Empty(session.Run("Stop-ChatServer; Send-ChatMessage alice text").Lines);
    }
}
